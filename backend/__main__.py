"""The command ``recorder-backend``."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence

from backend.account_commands import add_user_commands
from backend.settings import AuthSettings, BadSettings, load

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
MAX_TTL_S = 10 * 365 * 24 * 3600


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1 when a check failed, 2 for bad usage or settings."""
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except BadSettings as exc:
        print(f"recorder-backend: {exc}", file=sys.stderr)
        return EXIT_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="recorder-backend", description="Signs uploads and keeps the catalogue.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the HTTP service")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8080, help="0 picks a free one")
    serve.add_argument("--workers", type=_positive, default=1)
    serve.add_argument("--create-bucket", action="store_true", help="create the bucket if it is missing")
    serve.set_defaults(run=_serve)
    token = commands.add_parser("token", help="print a signed access token")
    token.add_argument("--user", required=True)
    token.add_argument("--ttl", type=_positive, default=3600, metavar="S", help="seconds it is valid")
    token.set_defaults(run=_token)
    add_user_commands(commands)
    check = commands.add_parser("check", help="test store, CORS, database and clock and say what to fix")
    check.add_argument("--fix", action="store_true", help="set the bucket's CORS and lifecycle rules")
    check.set_defaults(run=_check)
    reap = commands.add_parser("reap", help="give up uploads that were idle for UPLOAD_MAX_AGE_HOURS, at once")
    reap.set_defaults(run=_reap)
    return parser


def _serve(options: argparse.Namespace) -> int:
    # All that is loaded stays: looking through it for garbage, again and again, is a tenth of the time of a start.
    gc.disable()
    from backend.server import ServeOptions, serve

    gc.freeze()
    gc.enable()
    return serve(ServeOptions(options.host, options.port, options.workers, options.create_bucket))


def _token(options: argparse.Namespace) -> int:
    settings = load(AuthSettings)
    if settings.jwt_secret is None:
        raise BadSettings("JWT_SECRET: missing; with JWT_JWKS_URL alone, tokens come from the key set's owner")
    from backend.bootstrap import build_auth
    from backend.model import normal_name

    print(build_auth(settings).mint(normal_name(options.user), min(options.ttl, MAX_TTL_S)))
    return EXIT_OK


def _check(options: argparse.Namespace) -> int:
    from backend.check import run_checks

    return EXIT_OK if run_checks(print, fix=options.fix) else EXIT_FAILED


def _reap(_: argparse.Namespace) -> int:
    from backend.bootstrap import build_reaper, build_survey
    from backend.databases import build_records
    from backend.errors import BackendError
    from backend.settings import ServiceSettings

    records = build_records(load(ServiceSettings))
    try:
        reaper = build_reaper(records)
        print(f"{reaper.reap()} idle uploads given up")
        print(f"{reaper.forget()} uploads forgotten that ended long ago")
        found = build_survey(records.catalogue).survey()
        print(f"{found.aborted} extra uploads under keys of this catalogue aborted")
        print(f"{found.foreign} open uploads under other keys: somebody else's, left alone")
    except BackendError as exc:
        print(f"recorder-backend: {exc.message}", file=sys.stderr)
        return EXIT_FAILED
    finally:
        records.catalogue.close()
    return EXIT_OK


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return port


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
