"""The way in: a command runs headless, everything else opens the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_COMMANDS = frozenset(
    ("upload", "add", "resume", "queue", "library", "get", "pause", "cancel", "retry", "login", "logout", "doctor")
)
_CLI_OPTIONS = frozenset(("-h", "--help", "--version"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    first = given[0] if given else ""
    if first in _COMMANDS or first in _CLI_OPTIONS:
        from recorder_desktop import cli

        return cli.main(given)
    from recorder_desktop import app

    return app.main(given)


if __name__ == "__main__":
    sys.exit(main())
