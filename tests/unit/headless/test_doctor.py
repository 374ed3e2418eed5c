"""What the doctor says of a library, however large that is."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from recorder_desktop.config import LOCAL, DesktopConfig
from recorder_desktop.headless import doctor
from recorder_desktop.headless.answers import Message
from recorder_desktop.system.paths import RecorderPaths


class Library:
    """Stands for the owner of a queue: answers with so many recordings. told: how many of them were asked for."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.told = 0
        self.is_over = False

    def ask(self, *_: object, **__: object) -> Generator[Message, None, None]:
        try:
            for number in range(self._count):
                self.told = number + 1
                yield {"fileId": str(number)}
        finally:
            self.is_over = True


@pytest.mark.parametrize(("count", "said"), [(0, "0"), (100, "100"), (100_000, "more than 100")])
def test_a_large_library_is_not_read_for_its_number(
    count: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(count)
    monkeypatch.setattr(doctor, "ask", library.ask)
    found = [text for _, text in doctor._destination(RecorderPaths(tmp_path), DesktopConfig(LOCAL))]
    assert found[0].endswith(f": reached, {said} recordings are stored")
    assert library.told <= 101
    assert library.is_over
