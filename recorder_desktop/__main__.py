"""The way in: a command runs headless, everything else opens the window."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

_ADDING = ("upload", "add", "watch", "resume")
_EDITING = ("queue", "pause", "cancel", "retry", "locate")
_COMMANDS = frozenset((*_ADDING, *_EDITING, "library", "get", "login", "logout", "doctor"))
_CLI_OPTIONS = frozenset(("-h", "--help", "--version"))


_OBJECTS_BETWEEN_LOOKS = 50_000
"""Python looks for garbage whenever so many more objects are there. Its own 700 fits no program of this size:
it looks hundreds of times through what is being loaded, all of which is there to stay."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app; returns the exit code."""
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, *gc.get_threshold()[1:])
    given = list(sys.argv[1:] if arguments is None else arguments)
    first = given[0] if given else ""
    if first in _COMMANDS or first in _CLI_OPTIONS:
        from recorder_desktop import cli

        code = cli.main(given)
        if arguments is None and code == 0:
            _leave()
        return code
    if unknown := [argument for argument in given if not _may_be_a_path(argument)]:
        print(
            f"recorder-desktop: there is no command, file or folder “{unknown[0]}”. See “recorder-desktop --help”.",
            file=sys.stderr,
        )
        return 2
    _end_at_once_on_signals(has_files=bool(given))
    from recorder_desktop import app

    return app.main(given)


def _end_at_once_on_signals(*, has_files: bool) -> None:
    """Until the window sees to signals itself there is nothing that would have to be ended in order.

    Files that were given are in no queue by then, or not known to be: that is no success.
    """
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: _leave(128 + number if has_files else 0))


def _leave(code: int = 0) -> None:
    """End the process, all being done and closed: Python would first take apart, piece by piece, what ends anyway."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _may_be_a_path(argument: str) -> bool:
    """A word that names nothing here is a mistyped command. A path that has gone is for the window to report."""
    return os.path.lexists(argument) or any(mark in argument for mark in (os.sep, "."))


if __name__ == "__main__":
    sys.exit(main())
