"""What `recorder-desktop` of the packaged app runs: the app, or one of the programs it starts out of itself.

The desktop never imports the backend; this file stands outside both, so it may name either. Each flag is written
where its caller lives, in `recorder_desktop.system`; `--child-guard` is answered earlier, by `frozen_start`.
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Run the program that the first argument names, else the app; returns the exit code."""
    match arguments:
        case ["--media-probe", *rest]:
            from recorder_desktop.system import media_probe

            return media_probe.main(rest)
        case ["--thumbnailer", *rest]:
            from recorder_desktop.system import thumbnailer

            return thumbnailer.main(rest)
        case ["--data-path", *_]:
            from recorder_desktop.data_path import program

            program.main()
        case ["--backend", *rest]:
            from backend.__main__ import main as run_backend

            return run_backend(rest)
    from recorder_desktop.__main__ import main as run_app

    return run_app(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
