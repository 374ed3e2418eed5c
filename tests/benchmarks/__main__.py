"""Measures this project against its peers: `python -m tests.benchmarks [NAME ...] [--rounds N] [--write]`."""

from __future__ import annotations

import argparse
import importlib
import io
import signal
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from tests.benchmarks.report import Section, as_markdown, write

MEASUREMENTS = (
    "throughput", "many_files", "memory", "resume", "lines", "limit", "presigning", "backend_load", "fluidity",
    "start_up",
)  # fmt: skip
"""The modules that measure something, in the order in which the page shows them."""

_HERE = Path(__file__).parent
PAGE = _HERE.parents[1] / "docs" / "benchmarks.md"


def main() -> int:
    """Take the measurements that were asked for, or all; 1 if one of them could not be taken."""
    # A shell starts what it puts in the background deaf to it, and what is measured here would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that servers and large files go as well
    present = [name for name in MEASUREMENTS if (_HERE / f"{name}.py").exists()]
    options = _options(present)
    taken: dict[str, str] = {}
    for name in [each for each in present if each in (options.names or present)]:
        print(f"... {name}", file=sys.stderr, flush=True)
        try:
            section = _measure(importlib.import_module(f"tests.benchmarks.{name}"), options.rounds)
        except Exception:  # noqa: BLE001 - what the others found must not be lost with it
            traceback.print_exc()
            continue
        taken[name] = as_markdown(section, options.rounds)
        print(taken[name], flush=True)
        if options.write:
            write(PAGE, {name: taken[name]}, MEASUREMENTS)
    return 0 if len(taken) == len(options.names or present) else 1


def _options(present: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition(":")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, of: {', '.join(present)}")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each is run; medians count")
    parser.add_argument("--write", action="store_true", help="write the results into docs/benchmarks.md")
    options = parser.parse_args()
    unknown = set(options.names) - set(present)
    if unknown:
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    options.names = set(options.names)
    return options


def _measure(module: ModuleType, rounds: int) -> Section:
    if hasattr(module, "measure"):
        section: Section = module.measure(rounds)
        return section
    # A program of its own that prints what it finds.
    printed = io.StringIO()
    with redirect_stdout(printed):
        module.main()
    title = module.__name__.rpartition(".")[2].replace("_", "-").capitalize()
    return Section(title, (module.__doc__ or "").partition("\n\n")[2].strip(), text=printed.getvalue())


if __name__ == "__main__":
    sys.exit(main())
