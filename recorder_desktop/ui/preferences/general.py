"""The section of the settings on the window itself: colours, language, notifications, start and close."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.preferences.choices import Choices
from recorder_desktop.ui.preferences.parts import Card, Choice, Page, Row, Segments, Switch
from recorder_desktop.ui.settings import ALL_DONE, NEEDS_ME
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Appearance, Theme
from recorder_desktop.ui.translation import LANGUAGES

_NAMES = {"en": "English", "de": "Deutsch"}
"""How each language calls itself."""


class GeneralPage(Page):
    """Attributes: appearance, language, all_done, needs_me, login_start, close_action: the controls.
    start_row: says what is wrong."""

    def __init__(self, choices: Choices, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("General"), parent)
        self._choices = choices
        self._theme = theme
        self._answers = Answers(self)
        self.add(tr("Appearance"), self._make_appearance())
        self.add(tr("Notifications"), self._make_notifications())
        self.add(tr("Start and close"), self._make_start())
        choices.attached.connect(self._look)
        self._look()

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def _make_appearance(self) -> Card:
        looks = (
            (Appearance.SYSTEM.value, tr("System")),
            (Appearance.LIGHT.value, tr("Light")),
            (Appearance.DARK.value, tr("Dark")),
        )
        self.appearance = Segments(tr("Colours"), looks)
        self.appearance.show_choice(self._choices.appearance)
        self.appearance.chosen.connect(self._choices.set_appearance)
        languages = [("", tr("As the system")), *((code, _NAMES[code]) for code in LANGUAGES)]
        self.language = Choice(tr("Language"), languages, self._theme)
        self.language.show_choice(self._choices.language)
        self.language.chosen.connect(self._choices.set_language)
        return Card(Row(tr("Colours"), self.appearance), Row(tr("Language"), self.language))

    def _make_notifications(self) -> Card:
        self.all_done = self._switch(ALL_DONE, tr("When everything is stored"))
        self.needs_me = self._switch(NEEDS_ME, tr("When something needs you"))
        return Card(
            Row(tr("When everything is stored"), self.all_done),
            Row(
                tr("When something needs you"),
                self.needs_me,
                tr("Such as a file that is gone or a sign-in. Nothing is shown while you look at the window."),
            ),
        )

    def _make_start(self) -> Card:
        self.login_start = Switch(tr("Start Recorder when you log in"), self._theme)
        self.login_start.setEnabled(False)  # until it is known how it is
        self.login_start.clicked.connect(self._switch_login_start)
        self.start_row = Row(
            tr("Start Recorder when you log in"),
            self.login_start,
            tr("Unfinished uploads then go on by themselves."),
        )
        actions = (("", tr("Ask")), ("background", tr("Go on in the background")), ("quit", tr("Quit")))
        self.close_action = Choice(tr("Closing the window"), actions, self._theme)
        self.close_action.show_choice(self._choices.close_action)
        self.close_action.chosen.connect(self._choices.set_close_action)
        self.close_action.activated.connect(lambda at: self._choices.set_close_action(self.close_action.itemData(at)))
        closing = Row(tr("Closing the window"), self.close_action, tr("While uploads are under way."))
        return Card(self.start_row, closing)

    def _switch(self, key: str, name: str) -> Switch:
        switch = Switch(name, self._theme)
        switch.setChecked(self._choices.is_on(key))
        switch.toggled.connect(lambda is_on: self._choices.set_switch(key, is_wanted=is_on))
        return switch

    # --- start at login ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._choices.desks is not None:
            self._answers.hand_over(self._choices.desks.login_start.look(), self._show_login_start, self._fail)

    def _switch_login_start(self) -> None:
        if self._choices.desks is not None:
            wanted = self.login_start.isChecked()
            self.login_start.setEnabled(False)
            self.start_row.complain("")
            asked = self._choices.desks.login_start.switch(to_on=wanted)
            self._answers.hand_over(asked, self._show_login_start, self._fail)

    def _show_login_start(self, is_on: bool) -> None:
        self.login_start.setChecked(is_on)
        self.login_start.setEnabled(True)

    def _fail(self, trouble: Trouble) -> None:
        self.start_row.complain(trouble.message)
        self.login_start.setChecked(not self.login_start.isChecked())
        self.login_start.setEnabled(True)
