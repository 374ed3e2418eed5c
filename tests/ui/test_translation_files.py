"""The translation files: complete, with the same gaps to fill, and in step with the texts in the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from recorder_desktop.ui import ts_file
from recorder_desktop.ui.sentences import Sentences, placeholders, split
from recorder_desktop.ui.translation import ENGLISH, LANGUAGES, PROBLEM, WINDOW, translation_file
from recorder_desktop.ui.ts_file import Translation
from tools import translations

FOREIGN = [language for language in LANGUAGES if language != ENGLISH]


# --- the files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", FOREIGN)
def test_the_file_has_just_the_texts_that_are_in_the_code(language: str) -> None:
    path = translation_file(language)
    wanted = ts_file.write(language, translations.updated(ts_file.read(path)))
    assert path.read_bytes() == wanted, f"texts have changed: run “{translations.COMMAND}” and translate what is new"


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_translated(language: str) -> None:
    found = ts_file.read(translation_file(language))
    assert found.keys() == {WINDOW, PROBLEM}
    left = [
        source
        for texts in found.values()
        for source, translation in texts.items()
        if not translation.is_finished or not all(translation.forms)
    ]
    assert left == []


@pytest.mark.parametrize("language", FOREIGN)
def test_every_translation_has_the_gaps_of_its_text(language: str) -> None:
    def gaps(words: str) -> list[str]:
        return sorted(re.findall(r"%n|\n", words) + placeholders(words))

    found = ts_file.read(translation_file(language))
    wrong = [
        form
        for texts in found.values()
        for source, translation in texts.items()
        for form in translation.forms
        if gaps(form) != gaps(source)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", FOREIGN)
def test_a_text_with_a_number_has_all_its_plural_forms(language: str) -> None:
    texts = ts_file.read(translation_file(language))[WINDOW]
    assert {len(found.forms) for source, found in texts.items() if "%n" in source} == {ts_file.PLURAL_FORMS}
    assert {len(found.forms) for source, found in texts.items() if "%n" not in source} == {1}


@pytest.mark.parametrize("language", FOREIGN)
def test_sentences_from_below_are_translated_one_by_one(language: str) -> None:
    texts = ts_file.read(translation_file(language))[PROBLEM]
    assert [source for source, found in texts.items() if len(split(source)) != len(split(found.forms[0]))] == []


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_from_below_is_recognised_when_it_is_filled_in(language: str) -> None:
    texts = {source: found.forms[0] for source, found in ts_file.read(translation_file(language))[PROBLEM].items()}
    sentences = Sentences(texts)
    for source, meaning in texts.items():
        values = {name: f"{name.upper()}-7" for name in placeholders(source)}
        assert sentences.translate(source.format(**values)) == meaning.format(**values)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    catalogue = {
        "One": {"a <b> & “c”": Translation(("ä\nö",)), "%n days": Translation(("%n Tag", "%n Tage"))},
        "Two": {"new": ts_file.unfinished("new"), "%n new": ts_file.unfinished("%n new")},
    }
    path = tmp_path / "x.ts"
    path.write_bytes(ts_file.write("de", catalogue))
    assert ts_file.read(path) == catalogue


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ts"
    path.write_text("<TS><context>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.ts is no \.ts file"):
        ts_file.read(path)


def test_qts_own_compiler_takes_the_file(tmp_path: Path) -> None:
    compiler = Path(sys.executable).with_name("pyside6-lrelease")
    source, target = translation_file("de"), tmp_path / "de.qm"
    done = subprocess.run([compiler, source, "-qm", target], capture_output=True, text=True, timeout=60, check=True)
    total = sum(len(texts) for texts in ts_file.read(source).values())
    assert f"{total} translation(s) ({total} finished and 0 unfinished)" in done.stdout + done.stderr


# --- finding the texts -------------------------------------------------------------------------------------------


def test_new_texts_are_added_and_gone_ones_taken_out() -> None:
    gone = {WINDOW: {"Gone": Translation(("Weg",)), "Queue": Translation(("Schlange",))}}
    wanted = translations.updated(gone)
    assert "Gone" not in wanted[WINDOW]
    assert wanted[WINDOW]["Queue"] == Translation(("Schlange",))
    assert wanted[WINDOW]["Library"] == ts_file.unfinished("Library")


def test_a_text_made_at_run_time_is_refused(tmp_path: Path) -> None:
    (tmp_path / "view.py").write_text("def show(name):\n    tr('Good')\n    tr(f'Bad {name}')\n", encoding="utf-8")
    with pytest.raises(translations.UnreadableText, match=r"view\.py:3: tr\(\) needs its text as a literal"):
        translations.window_texts(tmp_path)


def test_both_words_of_a_count_are_found(tmp_path: Path) -> None:
    (tmp_path / "view.py").write_text("text.count_of(len(x), '1 day', '%n days')\ntr('Queue')", encoding="utf-8")
    assert translations.window_texts(tmp_path) == {"1 day", "%n days", "Queue"}
