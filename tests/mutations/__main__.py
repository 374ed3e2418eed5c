"""Takes protecting lines out, one at a time, in a copy of the tree, and shows that the test named fails.

`python -m tests.mutations` tries all of them, `python -m tests.mutations F05 S24` these rows. What each test
said then stands in docs/faults.md.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("backend", "recorder_desktop", "resources", "tests", "pyproject.toml")
LIMIT_S = 600


class NotThere(Exception):
    """The line to be taken out is not in the file, or more than once."""


@dataclass(frozen=True)
class Mutation:
    """A row of docs/faults.md or docs/security.md, its line in `file`, what stands there without it, and its test."""

    row: str
    file: str
    line: str
    without: str
    test: str


MUTATIONS = (
    Mutation(
        "F04",
        "recorder_desktop/transfer/upload_job.py",
        "adopted = [found for part, there in resume.verify if (found := self._verify(upload, part, there))]",
        "adopted: list[ConfirmedPart] = []",
        "tests/unit/transfer/test_engine.py::test_f04_a_part_whose_acknowledgement_was_lost_is_adopted_by_its_md5",
    ),
    Mutation(
        "F05",
        "recorder_desktop/store/group_commit.py",
        "db.execute(f\"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}\")",
        'db.execute("PRAGMA synchronous = NORMAL")',
        "tests/e2e/test_power_loss.py",
    ),
    Mutation(
        "F08",
        "recorder_desktop/transfer/lost_uploads.py",
        "if each.client_upload_id not in known and _can_be(each, upload):",
        "if _can_be(each, upload):",
        "tests/unit/transfer/test_lost_queue.py::test_f08_one_upload_is_found_again_by_one_file_only",
    ),
    Mutation(
        "F13",
        "recorder_desktop/transfer/locating.py",
        "if digest.crc64nvme != part.crc64nvme:",
        "if digest.crc64nvme < 0:",
        "tests/unit/transfer/test_located_files.py::test_f13_a_file_of_other_content_or_size_is_not_taken",
    ),
    Mutation(
        "S07",
        "backend/owned_sessions.py",
        "if session is None or (session.owner_id, session.key) != (owner_id, key):",
        "if session is None or session.key != key:",
        "tests/unit/backend/test_owned_sessions.py",
    ),
    Mutation(
        "S24",
        "recorder_desktop/headless/diagnostics.py",
        'return (read.partition(b"\\n")[2] + content).decode("utf-8", "replace")',
        'return (read + content).decode("utf-8", "replace")',
        "tests/unit/headless/test_diagnostics.py",
    ),
)


@contextmanager
def copied_tree() -> Iterator[Path]:
    """Yield a copy of what tests need, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="recorder-mutations-") as folder:
        for name in COPIED:
            source, target = ROOT / name, Path(folder) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)
        yield Path(folder)


@contextmanager
def without_line(tree: Path, mutation: Mutation) -> Iterator[None]:
    """Have the line gone while the block runs. Raises NotThere."""
    file = tree / mutation.file
    whole = file.read_text("utf-8")
    if whole.count(mutation.line) != 1:
        raise NotThere(f"{mutation.row}: {mutation.file} has {whole.count(mutation.line)} times: {mutation.line}")
    file.write_text(whole.replace(mutation.line, mutation.without), "utf-8")
    try:
        yield
    finally:
        file.write_text(whole, "utf-8")


def complaint_of_test(tree: Path, mutation: Mutation) -> str | None:
    """The first complaint of the test in the tree as it is, None if it passes."""
    options = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "--tb=short"]
    command = [sys.executable, "-B", "-m", "pytest", mutation.test, *options]
    ended = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if ended.returncode == 0:
        return None
    said = [line[1:].strip() for line in ended.stdout.splitlines() if line.startswith("E ")]
    if ended.returncode != 1 or not said:
        raise RuntimeError(f"{mutation.row}: the test could not be run: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return said[0]


def main(arguments: list[str]) -> int:
    """Try the mutations; the exit code says whether each test failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("rows", nargs="*", help="only these, such as F05; all without")
    wanted = parser.parse_args(arguments).rows
    survived = 0
    with copied_tree() as tree:
        for mutation in MUTATIONS:
            if wanted and mutation.row not in wanted:
                continue
            with without_line(tree, mutation):
                complaint = complaint_of_test(tree, mutation)
            survived += complaint is None
            verdict = "survived, so the test cannot fail" if complaint is None else f"caught: {complaint}"
            print(f"{mutation.row}  {mutation.file}: {mutation.line}\n     {verdict}", flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
