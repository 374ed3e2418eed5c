"""Reads and writes .ts files, as Qt Linguist keeps them: each text of the window with what it means in a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QXmlStreamReader, QXmlStreamWriter

Catalogue = Mapping[str, Mapping[str, "Translation"]]
"""Translations by context ("Recorder"), then by English text."""

PLURAL_FORMS = 2
"""For one, and for any other number: so in English, German and most languages of their family."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What an English text means: one form, or where it has a %n one for each plural. Used once it is finished."""

    forms: tuple[str, ...]
    is_finished: bool = True


def is_plural(source: str) -> bool:
    """Whether a text has a form for each plural."""
    return "%n" in source


def unfinished(source: str) -> Translation:
    """A text that nobody has translated yet."""
    return Translation(("",) * (PLURAL_FORMS if is_plural(source) else 1), is_finished=False)


def read(path: Path) -> dict[str, dict[str, Translation]]:
    """Every text of a file. Raises OSError, and ValueError for what is no .ts file."""
    xml = QXmlStreamReader(path.read_text(encoding="utf-8"))
    catalogue = {}
    if xml.readNextStartElement():
        while xml.readNextStartElement():
            context = _read_context(xml)
            catalogue[context[0]] = context[1]
    if xml.hasError():
        raise ValueError(f"{path} is no .ts file: {xml.errorString()}")
    return catalogue


def _read_context(xml: QXmlStreamReader) -> tuple[str, dict[str, Translation]]:
    name = ""
    texts = {}
    while xml.readNextStartElement():
        if xml.name() == "message":
            source, translation = _read_message(xml)
            texts[source] = translation
        else:
            name = xml.readElementText()
    return name, texts


def _read_message(xml: QXmlStreamReader) -> tuple[str, Translation]:
    is_plural = xml.attributes().hasAttribute("numerus")
    source, forms, is_finished = "", [""], True
    while xml.readNextStartElement():
        match xml.name():
            case "source":
                source = xml.readElementText()
            case "translation":
                is_finished = not xml.attributes().hasAttribute("type")
                forms = _read_forms(xml) if is_plural else [xml.readElementText()]
            case _:
                xml.skipCurrentElement()  # what Linguist notes: locations, comments
    return source, Translation(tuple(forms), is_finished)


def _read_forms(xml: QXmlStreamReader) -> list[str]:
    forms = []
    while xml.readNextStartElement():
        forms.append(xml.readElementText())
    return forms


def write(language: str, catalogue: Catalogue) -> bytes:
    """A whole file, contexts and texts in the order of the alphabet. `language` as in "de_DE"."""
    data = QByteArray()
    xml = QXmlStreamWriter(data)
    xml.setAutoFormatting(True)
    xml.writeStartDocument()
    xml.writeDTD("<!DOCTYPE TS>")
    xml.writeStartElement("TS")
    xml.writeAttribute("version", "2.1")
    xml.writeAttribute("language", language)
    xml.writeAttribute("sourcelanguage", "en")
    for context, texts in sorted(catalogue.items()):
        xml.writeStartElement("context")
        xml.writeTextElement("name", context)
        _write_texts(xml, sorted(texts.items()))
        xml.writeEndElement()
    xml.writeEndDocument()
    return bytes(data.data())


def _write_texts(xml: QXmlStreamWriter, texts: Iterable[tuple[str, Translation]]) -> None:
    for source, translation in texts:
        xml.writeStartElement("message")
        if is_plural(source):
            xml.writeAttribute("numerus", "yes")
        xml.writeTextElement("source", source)
        xml.writeStartElement("translation")
        if not translation.is_finished:
            xml.writeAttribute("type", "unfinished")
        if is_plural(source):
            for form in translation.forms:
                xml.writeTextElement("numerusform", form)
        else:
            xml.writeCharacters(translation.forms[0])
        xml.writeEndElement()
        xml.writeEndElement()
