"""What the window's process says when it cannot begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_desktop import app


def test_a_folder_of_its_own_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_bytes(b"")
    monkeypatch.setenv("RECORDER_HOME", str(in_the_way / "home"))
    said: list[str] = []
    monkeypatch.setattr(app, "_say", said.append)

    assert app.main([]) == 1
    assert len(said) == 1
    assert str(in_the_way) in said[0]
    assert "make its folder writable" in said[0]
