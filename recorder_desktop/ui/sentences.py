"""Translates sentences that were made below the window, by their shape. Knows neither Qt nor files.

Problems come as English text with names and numbers filled in, also out of the queue's database, where yesterday's
release may have put them. So a sentence is recognised by the template that it was made from:

    “{name}” may not be read. Give yourself permission to read it, then retry.

Two of them may come one after the other, and the first half of one with advice of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from string import Formatter

_REMEMBERED = 4096
"""Sentences whose translation is kept: a table paints the same ones again and again."""

PLACE = "describe"
"""The placeholder that holds no name or number but words, as config.describe gives them."""

_BETWEEN = re.compile(r"(?<=[.!?…]) (?=\S)")


class Sentences:
    """What sentences mean in one language."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        """`templates`: English with {placeholders}, and the same in the other language, sentence by sentence."""
        by_parts = {part: meaning for whole in templates.items() for part, meaning in _parts(*whole)}
        self._shapes = {**by_parts, **templates}
        self._patterns: tuple[tuple[re.Pattern[str], str], ...] | None = None  # made when first needed
        self.translate = lru_cache(_REMEMBERED)(self._translate)

    def _translate(self, text: str) -> str | None:
        """The meaning of a text; what is not known in it stays as it is. None if nothing is known."""
        whole = self._meaning(text)
        if whole is not None:
            return whole
        for gap in _BETWEEN.finditer(text):
            head, rest = text[: gap.start()], text[gap.end() :]
            meaning = self._meaning(head)
            if meaning is not None:
                return f"{meaning} {self._translate(rest) or rest}"
        head, rest = _first(text)
        later = self._translate(rest) if rest else None
        return None if later is None else f"{head} {later}"

    def _meaning(self, text: str) -> str | None:
        """What a text means that was made from one template."""
        if text in self._shapes:
            return self._shapes[text]
        if self._patterns is None:
            self._patterns = tuple(_patterns(self._shapes))
        for pattern, meaning in self._patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                values = found.groupdict()
                if PLACE in values:
                    values[PLACE] = self._meaning(values[PLACE]) or values[PLACE]
                return meaning.format(**values)
        return None


def split(text: str) -> list[str]:
    """The sentences of a text."""
    return _BETWEEN.split(text)


def placeholders(template: str) -> list[str]:
    """The names in braces, in their order."""
    return [name for _literal, name, _spec, _conversion in Formatter().parse(template) if name is not None]


def words(template: str) -> str:
    """A template without its placeholders."""
    return "".join(literal for literal, _name, _spec, _conversion in Formatter().parse(template))


def _first(text: str) -> tuple[str, str]:
    gap = _BETWEEN.search(text)
    return (text, "") if gap is None else (text[: gap.start()], text[gap.end() :])


def _parts(template: str, meaning: str) -> Iterator[tuple[str, str]]:
    """Each sentence of a template with its meaning."""
    sources, meanings = split(template), split(meaning)
    if len(sources) == len(meanings):
        yield from zip(sources, meanings, strict=True)


def _patterns(shapes: Mapping[str, str]) -> Iterator[tuple[re.Pattern[str], str]]:
    """Templates as patterns, those with the most words first: they say most precisely what a text is."""
    with_gaps = [template for template in shapes if placeholders(template)]
    for template in sorted(with_gaps, key=lambda template: len(words(template)), reverse=True):
        yield _pattern(template), shapes[template]


def _pattern(template: str) -> re.Pattern[str]:
    seen: set[str] = set()
    pattern = ""
    for literal, name, _spec, _conversion in Formatter().parse(template):
        pattern += re.escape(literal)
        if name in seen:
            pattern += f"(?P={name})"
        elif name is not None:
            seen.add(name)
            pattern += f"(?P<{name}>.*?)"
    return re.compile(pattern, re.DOTALL)
