"""Sentences from below the window, recognised by the templates that they were made from."""

from __future__ import annotations

import pytest

from recorder_desktop.ui.sentences import Sentences

TEMPLATES = {
    "“{name}” may not be read. Give yourself permission, then retry.": "„{name}“ ist gesperrt. Erlauben Sie es sich.",
    "{host} does not answer. It goes on by itself.": "{host} antwortet nicht. Es geht von selbst weiter.",
    "{host} does not answer to {name}.": "{host} antwortet {name} nicht.",
    "Set {name}, since {name} is missing.": "{name} setzen, {name} fehlt.",
    "Check the network.": "Prüfen Sie das Netz.",
    "It is elsewhere ({describe}).": "Es ist anderswo ({describe}).",
    "Your bucket {bucket}": "Ihr Bucket {bucket}",
}


@pytest.fixture
def sentences() -> Sentences:
    return Sentences(TEMPLATES)


def test_what_was_filled_in_stands_in_the_translation(sentences: Sentences) -> None:
    told = sentences.translate("“a.mp4” may not be read. Give yourself permission, then retry.")
    assert told == "„a.mp4“ ist gesperrt. Erlauben Sie es sich."


@pytest.mark.parametrize("name", ["My talk. Part 2.mp4", "“quoted” {braces}.mov", "two\nlines.wav", "%n %1.mkv", ""])
def test_names_may_look_like_anything(sentences: Sentences, name: str) -> None:
    told = sentences.translate(f"“{name}” may not be read. Give yourself permission, then retry.")
    assert told == f"„{name}“ ist gesperrt. Erlauben Sie es sich."


def test_the_first_half_of_one_with_advice_of_another_is_known(sentences: Sentences) -> None:
    assert sentences.translate("x.org does not answer. Check the network.") == (
        "x.org antwortet nicht. Prüfen Sie das Netz."
    )


def test_two_in_a_row_are_known(sentences: Sentences) -> None:
    told = sentences.translate("x.org does not answer. It goes on by itself. Check the network.")
    assert told == "x.org antwortet nicht. Es geht von selbst weiter. Prüfen Sie das Netz."


def test_a_place_in_a_sentence_is_translated_too(sentences: Sentences) -> None:
    assert sentences.translate("It is elsewhere (Your bucket talks).") == "Es ist anderswo (Ihr Bucket talks)."
    assert sentences.translate("It is elsewhere (nowhere).") == "Es ist anderswo (nowhere)."


def test_the_template_with_the_most_words_counts(sentences: Sentences) -> None:
    assert sentences.translate("x.org does not answer to you.") == "x.org antwortet you nicht."


def test_a_placeholder_that_stands_twice_means_one_thing(sentences: Sentences) -> None:
    assert sentences.translate("Set A, since A is missing.") == "A setzen, A fehlt."
    assert sentences.translate("Set A, since B is missing.") is None


def test_what_is_not_known_stays_as_it_is(sentences: Sentences) -> None:
    assert sentences.translate("The bucket is on fire.") is None
    assert sentences.translate("") is None
    assert sentences.translate("The bucket is on fire. Check the network.") == (
        "The bucket is on fire. Prüfen Sie das Netz."
    )
    assert sentences.translate("Check the network. Or run.") == "Prüfen Sie das Netz. Or run."


def test_what_is_painted_again_is_not_looked_for_again(sentences: Sentences) -> None:
    for _ in range(50):
        sentences.translate("x.org does not answer. Check the network.")
    assert sentences.translate.cache_info().misses == 1
