"""The pages on faults and security list every row, and name tests that exist for each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [*(f"F{number:02}" for number in range(1, 56)), *(f"S{number:02}" for number in range(1, 33))]
PAGES = {"F": "faults.md", "S": "security.md"}


@pytest.fixture(scope="module")
def tests_by_row() -> dict[str, set[str]]:
    """The names of all tests by the rows that their names begin with."""
    found: dict[str, set[str]] = {row: set() for row in ROWS}
    for file in (ROOT / "tests").rglob("test_*.py"):
        for name, rows in re.findall(r"def (test_((?:[fs]\d\d_(?:and_)?)+)\w+)\(", file.read_text("utf-8")):
            for row in re.findall(r"[fs]\d\d", rows):
                found[row.upper()].add(name)
    return found


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_test_and_its_page_names_it(row: str, tests_by_row: dict[str, set[str]]) -> None:
    page = (ROOT / "docs" / PAGES[row[0]]).read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith(f"| {row} |")]
    assert len(lines) == 1
    named = set(re.findall(r"`(test_\w+)`", lines[0]))
    assert named
    assert named <= tests_by_row[row], "the page names tests that are not there"
