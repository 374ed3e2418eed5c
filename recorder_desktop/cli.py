"""The command line: parses, runs one command, and turns its errors into a sentence and an exit code. No Qt."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recorder_desktop import __version__
from recorder_desktop.config import read_config
from recorder_desktop.core.errors import ErrorKind, UploadError, for_whoever_waits
from recorder_desktop.headless.commands import BAD_USAGE, INTERRUPTED, SIGN_IN_NEEDED, SOME_FAILED, Commands
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile

_TRY_AGAIN = "Check the address and the network, then try again."
_ADVICE = "Free some space or make its folder writable, or set RECORDER_HOME to another one, then try again."


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. Everything unfinished stays in the queue, whatever happens."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:  # told with the usage of the command, which is what needs to be looked at
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    _end_cleanly_on_signals()
    try:
        code = _run(options)
        sys.stdout.flush()  # here, where its failure can be told
        return code
    except KeyboardInterrupt:
        print("Interrupted. What is unfinished goes on with “recorder-desktop resume”.", file=sys.stderr)
        return INTERRUPTED
    except UploadError as exc:
        print(for_whoever_waits(exc, _TRY_AGAIN).message, file=sys.stderr)
        if exc.kind is ErrorKind.SIGN_IN:
            return SIGN_IN_NEEDED
        return BAD_USAGE if exc.code in ("settings", "server_address") else SOME_FAILED
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`); Python's own flush at exit must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except OSError as exc:
        place = f"{exc.filename}: " if exc.filename else ""
        print(f"Recorder could not use its files ({place}{exc.strerror or exc}). {_ADVICE}", file=sys.stderr)
        return SOME_FAILED


def _run(options: argparse.Namespace) -> int:
    paths = RecorderPaths.from_environment()
    settings = SettingsFile(paths.settings)
    try:
        return _command(options, paths, settings)
    finally:
        settings.close()


def _command(options: argparse.Namespace, paths: RecorderPaths, settings: SettingsFile) -> int:
    if options.command in ("login", "logout"):
        return _sign_in_or_out(options, paths, settings)
    config = read_config(os.environ, settings, getattr(options, "server", None))
    commands = Commands(paths, config)
    match options.command:
        case "upload" | "watch" | "add" | "resume":
            return _upload(options, commands)
        case "locate":
            return commands.locate(options.id, options.path)
        case "queue":
            return commands.queue(as_json=options.json)
        case "library":
            return commands.library(options.query, as_json=options.json)
        case "get":
            return commands.get(options.id, options.output)
        case "doctor":
            from recorder_desktop.headless.doctor import doctor

            return doctor(paths, config, options.bundle)
    return commands.edit(options.command, options.ids)


def _upload(options: argparse.Namespace, commands: Commands) -> int:
    match options.command:
        case "upload":
            return commands.upload(options.paths, options.directory, options.folder_id, as_json=options.json)
        case "watch":
            return commands.watch(options.folder, options.directory, options.folder_id, as_json=options.json)
        case "add":
            return commands.add(options.paths)
    return commands.resume(options.ids, as_json=options.json)


def _sign_in_or_out(options: argparse.Namespace, paths: RecorderPaths, settings: SettingsFile) -> int:
    from recorder_desktop.headless import sign_in

    if options.command == "logout":
        return sign_in.logout(options.server, os.environ, settings)
    return sign_in.login(
        options.server,
        options.user,
        os.environ,
        settings,
        with_token=options.token,
        tell=lambda server: sign_in.tell_owner(paths, server),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recorder-desktop",
        usage="recorder-desktop [-h] [--version] [PATH ... | COMMAND ...]",
        description="Uploads recordings, verified and resumable. Without a command it opens the window and adds the "
        "files and folders that are named.",
    )
    parser.add_argument("--version", action="version", version=f"recorder-desktop {__version__}")
    # Without a prog of its own, argparse begins each command's usage with that of the whole program.
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog=parser.prog)
    upload = _command_parser(commands, "upload", "add files and folders, wait until all are stored and verified")
    upload.add_argument(
        "paths", nargs="+", type=_path, metavar="PATH", help="a file, or a folder: every recording below it"
    )
    _place(upload)
    _json(upload)
    watch = _command_parser(commands, "watch", "upload what is in a folder and what appears there, until interrupted")
    watch.add_argument("folder", type=_path, metavar="DIR", help="recordings below it count too")
    _place(watch)
    _json(watch)
    add = _command_parser(commands, "add", "add to the queue and return")
    add.add_argument("paths", nargs="+", type=_path, metavar="PATH")
    resume = _command_parser(commands, "resume", "continue all that is unfinished, or these uploads, and wait")
    resume.add_argument("ids", nargs="*", metavar="ID", help="as “queue” lists it; without one, all")
    _json(resume)
    _json(_command_parser(commands, "queue", "list the queue"))
    library = _command_parser(commands, "library", "list stored recordings")
    library.add_argument("query", nargs="?", default="", metavar="QUERY", help="only names that contain this")
    _json(library)
    get = _command_parser(commands, "get", "download a stored recording and check it")
    get.add_argument("id", type=_recording_id, metavar="ID", help="as “library” lists it")
    get.add_argument("-o", "--output", metavar="PATH", help="the file or folder to write to")
    for name, text in (("pause", "pause uploads"), ("cancel", "give uploads up"), ("retry", "try uploads again")):
        _command_parser(commands, name, text).add_argument("ids", nargs="+", metavar="ID", help="as “queue” lists it")
    locate = _command_parser(commands, "locate", "let an upload whose file is gone go on with it from another place")
    locate.add_argument("id", metavar="ID", help="as “queue” lists it")
    locate.add_argument("path", type=_path, metavar="PATH", help="where its file is now")
    login = _command_parser(
        commands, "login", "sign in to a team server; asks for the password, never as an argument"
    )
    login.add_argument("--server", metavar="URL")
    given = login.add_mutually_exclusive_group()
    given.add_argument("--user", metavar="NAME", help="who signs in; a pipe then gives the password")
    given.add_argument("--token", action="store_true", help="sign in with an access token in place of a password")
    _command_parser(commands, "logout", "end the sign-in and forget it").add_argument("--server", metavar="URL")
    doctor = _command_parser(commands, "doctor", "check this computer, the settings and the server")
    doctor.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="pack what it found, settings and logs into a zip, without secrets",
    )
    return parser


def _path(text: str) -> str:
    if not text:  # the present folder, by the rules of paths, which an unset variable in a script does not mean
        raise argparse.ArgumentTypeError("a path is empty")
    return text


def _recording_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no ID; “recorder-desktop library” lists them")
    return text


def _command_parser(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.set_defaults(parser=parser)
    return parser


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--directory", default="", help="where in the bucket, for example talks/2026")
    parser.add_argument("--folder-id", metavar="F", help="the library folder that the recordings belong to")
    parser.add_argument("--server", metavar="URL", help="the team server, instead of the configured place")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def _end_cleanly_on_signals() -> None:
    # A closing terminal (which `nohup` has ignored) or a shutdown ends a run as cleanly as Ctrl-C does.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
