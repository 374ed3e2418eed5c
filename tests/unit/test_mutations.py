"""The lines that `python -m tests.mutations` takes out are where it looks for them, and the page lists each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations.__main__ import MUTATIONS, ROOT, Mutation, NotThere, without_line


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.row)
def test_each_line_is_there_once_its_test_too_and_the_page_tells_of_it(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text("utf-8").count(mutation.line) == 1
    file, _, name = mutation.test.partition("::")
    assert (ROOT / file).exists()
    assert f"def {name}" in (ROOT / file).read_text("utf-8")
    page = (ROOT / "docs" / "faults.md").read_text("utf-8")
    assert f"`{Path(mutation.file).name}`: `{mutation.line}`" in page


def test_the_tree_is_as_before_when_the_test_has_run(tmp_path: Path) -> None:
    mutation = Mutation("F00", "a.py", "keep = True", "keep = False", "")
    (tmp_path / "a.py").write_text("keep = True\n")
    with without_line(tmp_path, mutation):
        assert (tmp_path / "a.py").read_text() == "keep = False\n"
    assert (tmp_path / "a.py").read_text() == "keep = True\n"
    (tmp_path / "a.py").write_text("keep = True\nkeep = True\n")
    with pytest.raises(NotThere), without_line(tmp_path, mutation):
        pass
