"""The language of the window: reads `resources/translations` and hands it to Qt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

import resources
from recorder_desktop.ui import ts_file
from recorder_desktop.ui.sentences import Sentences

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de")
"""The languages of the window; all but English have a file."""

WINDOW = "Recorder"
"""The context of the window's own texts."""
PROBLEM = "Problem"
"""The context of sentences that are made below the window, with {placeholders}."""

_NAME = "recorder-translation"


def translation_file(language: str) -> Path:
    """Where the translation into a language lies."""
    return resources.FOLDER / "translations" / f"recorder_{language}.ts"


def install(app: QCoreApplication, language: str | None) -> None:
    """Have texts in this language from now on, None for the system's; figures and dates follow.

    What is on show already is told by QEvent.LanguageChange. Must be called on the UI thread.
    """
    for before in app.findChildren(QTranslator, _NAME):
        app.removeTranslator(before)
        before.deleteLater()
    system = QLocale.system()
    chosen = language or system_language(system.uiLanguages())
    is_systems = language is None or QLocale(chosen).language() == system.language()
    QLocale.setDefault(system if is_systems else QLocale(chosen))
    if chosen != ENGLISH:
        _install(app, _qt_translator(chosen, app))
        _install(app, RecorderTranslator(chosen, app))


def system_language(wanted: list[str]) -> str:
    """The first of the languages that the system names ("de-Latn-AT", "en") in which the window can be."""
    known = (name.replace("_", "-").split("-")[0] for name in wanted)
    return next((name for name in known if name in LANGUAGES), ENGLISH)


class RecorderTranslator(QTranslator):
    """The texts of Recorder in one language, out of a .ts file as translators keep it."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        found = ts_file.read(translation_file(language))
        self._texts = {source: text.forms for source, text in found[WINDOW].items() if text.is_finished}
        self._sentences = Sentences(
            {source: text.forms[0] for source, text in found[PROBLEM].items() if text.is_finished}
        )

    def isEmpty(self) -> bool:
        """Whether there is nothing to translate with; Qt would not install it then."""
        return not self._texts

    def translate(self, context: str, source: str, _disambiguation: str | None = None, n: int = -1) -> str | None:
        """The text in this language, None if it is not known; Qt puts the number `n` in place of %n."""
        if context == WINDOW:
            forms = self._texts.get(source)
            return None if forms is None else forms[0 if n == 1 else -1]
        return self._sentences.translate(source) if context == PROBLEM else None


def _qt_translator(language: str, parent: QObject) -> QTranslator:
    """Qt's own texts: names of keys, buttons and menus of its dialogs."""
    translator = QTranslator(parent)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator.load(QLocale(language), "qtbase", "_", folder)
    return translator


def _install(app: QCoreApplication, translator: QTranslator) -> None:
    translator.setObjectName(_NAME)
    app.installTranslator(translator)
