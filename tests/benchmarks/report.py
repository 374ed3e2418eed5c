"""What was measured, as Markdown: on the terminal at once, and on request in docs/benchmarks.md.

A section of that page belongs to one measurement and says itself when and where it was taken, so that measuring one
thing again leaves the others as they are.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.measuring import Command

_HEAD = """# Benchmarks

Written by `make bench ARGS="--write"` (`python -m tests.benchmarks --write`); edits by hand are lost. Every uploader
is a whole process, from start to exit, at its best settings; all of a table ran in turn in one run, and figures are
medians. “recorder” is this project: client and backend with SQLite, checksums, records and verification, the
processor time of the backend included. What is slower than a peer is said below its table.
"""
_SECTION = re.compile(r"<!-- measurement: (\w+) -->\n(.*?)(?=<!-- measurement: |\Z)", re.DOTALL)


@dataclass(frozen=True)
class Table:
    """Rows under column heads; `notes` are sentences below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """One measurement's result. method: what was done. commands: what was run, by name. text: printed output."""

    title: str
    method: str
    tables: Sequence[Table] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def compare(what: str, ours: float, peers: Mapping[str, float], *, unit: str, more_is_better: bool) -> str:
    """Say in one sentence whether ours leads, and if not, behind whom it is."""
    better = {name: value for name, value in peers.items() if (value > ours if more_is_better else value < ours)}
    best = (max if more_is_better else min)(peers, key=lambda name: peers[name])
    if better:
        order = sorted(better, key=lambda name: better[name], reverse=more_is_better)
        behind = ", ".join(f"{name} ({_number(better[name])})" for name in order)
        return f"**{what}: recorder is behind** {behind} with {_number(ours)} {unit}."
    times = _ratio(ours, peers[best]) if more_is_better else _ratio(peers[best], ours)
    lead = f"{times:.2f} times as good as the best peer, {best} ({_number(peers[best])} {unit})"
    return f"{what}: recorder leads, {lead}."


def shown(command: Command, names: Mapping[str, str]) -> str:
    """A command as a reader would type it: programs without their folder, and `names` instead of what changes."""
    words = [_named(word, names) for word in command.args]
    return " ".join(f'"{word}"' if not word or " " in word else word for word in words)


def as_markdown(section: Section, rounds: int) -> str:
    """The section, with when and where it was measured."""
    taken = f"{_circumstances()}, {rounds} round{'s' if rounds > 1 else ''}."
    lines = [f"## {section.title}", "", section.method, "", taken, ""]
    for table in section.tables:
        lines += _table_lines(table)
    if section.text:
        lines += ["```text", section.text.rstrip(), "```", ""]
    if section.commands:
        lines += ["Commands:", "", "```sh"]
        lines += [f"{command}  # {name}" for name, command in section.commands.items()]
        lines += ["```", ""]
    return "\n".join(lines)


def merged(page: str, sections: Mapping[str, str], order: Iterable[str]) -> str:
    """A page with these sections, by measurement, in place of its own; its others stay. Sorted by `order`."""
    kept = {name: body.strip() for name, body in _SECTION.findall(page)}
    all_sections = kept | {name: body.strip() for name, body in sections.items()}
    bodies = [f"<!-- measurement: {name} -->\n{all_sections[name]}\n" for name in order if name in all_sections]
    return "\n".join([_HEAD, *bodies])


def write(path: Path, sections: Mapping[str, str], order: Iterable[str]) -> None:
    """Bring these sections of the page at `path` up to date."""
    page = path.read_text("utf-8") if path.exists() else ""
    path.write_text(merged(page, sections, order), "utf-8")


def mib_per_s(size_bytes: float, seconds: float) -> str:
    """A rate, rounded to what can be told apart."""
    return _number(size_bytes / seconds / (1 << 20))


def megabytes(size_bytes: float) -> str:
    """Memory in MB."""
    return f"{size_bytes / 1e6:.0f}"


def _table_lines(table: Table) -> list[str]:
    lines = [f"### {table.title}", "", _row(table.columns), _row(["---"] * len(table.columns))]
    lines += [_row(row) for row in table.rows]
    lines += ["", *(f"- {note}" for note in table.notes)]
    return [*lines, ""] if table.notes else lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(value: float, base: float) -> float:
    return value / base if base else float("inf")


def _named(word: str, names: Mapping[str, str]) -> str:
    if word == sys.executable:
        return "python"
    for text in sorted(names, key=len, reverse=True):
        word = word.replace(text, names[text])
    path = Path(word)
    return path.name if path.is_absolute() and path.exists() else word


def _circumstances() -> str:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = os.getloadavg()[2]  # the last quarter of an hour, in which most of a measurement lies
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {os.cpu_count()} cores of “{_processor()}” with "
        f"{memory_gib:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}, load {load:.1f}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
