"""What the person chose: each choice is carried out at once and kept for the next start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from recorder_desktop.config import KEEP_AWAKE_SETTING, PART_SIZE_SETTING, SENDERS_SETTING, TransferConfig
from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.part_size import AUTOMATIC, part_size_text, read_part_size
from recorder_desktop.core.preferences import AccountDesk, LoginStart
from recorder_desktop.core.watched_folder import FolderReport, WatchDesk
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.limit_button import LimitButton
from recorder_desktop.ui.settings import APPEARANCE, CLOSE_ACTION, LANGUAGE, WATCHED, UiSettings, is_on
from recorder_desktop.ui.theme import Appearance, Theme


@dataclass(frozen=True, slots=True)
class PreferenceDesks:
    """Who carries out what the engine does not: keep_awake takes whether the computer stays awake while it sends."""

    accounts: AccountDesk
    folders: WatchDesk
    login_start: LoginStart
    keep_awake: Callable[[bool], None]


class Choices(QObject):
    """Reads and sets all that the settings page shows. What was set by hand and cannot be meant reads as unset.

    Signals:
        attached: the desks are there. limit_changed(BandwidthPlan). folders_changed: others are watched, or one is
        doing otherwise. language_chosen: another one; it holds for widgets that are made from then on.
    """

    attached = Signal()
    limit_changed = Signal(object)
    language_chosen = Signal()
    folders_changed = Signal()

    def __init__(
        self,
        settings: UiSettings,
        bridge: EngineBridge,
        limit: LimitButton,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._bridge = bridge
        self._limit = limit
        self._theme = theme
        self._reports: dict[Path, FolderReport] = {}
        self.desks: PreferenceDesks | None = None
        limit.changed.connect(self.limit_changed)

    def attach(self, desks: PreferenceDesks) -> None:
        """Have these carry out what is chosen from now on."""
        self.desks = desks
        desks.folders.watch(self.folders)
        self.attached.emit()

    # --- transfers -----------------------------------------------------------------------------------------------

    @property
    def limit(self) -> BandwidthPlan:
        """How fast may be sent, and when."""
        return self._limit.plan

    def set_limit(self, plan: BandwidthPlan) -> None:
        """Send no faster than this."""
        if plan != self._limit.plan:
            self._limit.choose(plan)

    @property
    def senders(self) -> int:
        """The most parts in flight at a time."""
        kept = self._settings.get(SENDERS_SETTING) or ""
        return int(kept) if kept.isdecimal() else TransferConfig.senders

    def set_senders(self, ceiling: int) -> None:
        """Allow so many, 1 to 32."""
        self._settings.set(SENDERS_SETTING, str(ceiling))
        self._bridge.set_senders(ceiling)

    @property
    def part_size_bytes(self) -> int | None:
        """The part size of new uploads, None for what suits the line."""
        try:
            return read_part_size(self._settings.get(PART_SIZE_SETTING) or AUTOMATIC)
        except UploadError:
            return None

    def set_part_size(self, size_bytes: int | None) -> None:
        """Cut new uploads so."""
        self._settings.set(PART_SIZE_SETTING, None if size_bytes is None else part_size_text(size_bytes))
        self._bridge.set_part_size(size_bytes)

    @property
    def keeps_awake(self) -> bool:
        """Whether the computer stays awake while something is sent."""
        return is_on(self._settings, KEEP_AWAKE_SETTING)

    def set_keeps_awake(self, *, is_wanted: bool) -> None:
        """Keep it awake, or let it sleep."""
        self.set_switch(KEEP_AWAKE_SETTING, is_wanted=is_wanted)
        if self.desks is not None:
            self.desks.keep_awake(is_wanted)

    # --- folders -------------------------------------------------------------------------------------------------

    @property
    def folders(self) -> tuple[Path, ...]:
        """The watched ones."""
        return tuple(map(Path, self._settings.get_all(WATCHED)))

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Watch these and no others."""
        self._settings.set(WATCHED, [str(folder) for folder in folders] or None)
        self._reports = {folder: report for folder, report in self._reports.items() if folder in folders}
        if self.desks is not None:
            self.desks.folders.watch(folders)
        self.folders_changed.emit()

    def report_on(self, folder: Path) -> FolderReport | None:
        """How a watched folder is doing; None before the first look."""
        return self._reports.get(folder)

    def take_report(self, report: FolderReport) -> None:
        """A folder is doing otherwise."""
        if report.folder in self.folders:
            self._reports[report.folder] = report
            self.folders_changed.emit()

    # --- the window ----------------------------------------------------------------------------------------------

    @property
    def appearance(self) -> str:
        """A value of Appearance."""
        kept = self._settings.get(APPEARANCE)
        return kept if kept in {each.value for each in Appearance} else Appearance.SYSTEM.value

    def set_appearance(self, value: str) -> None:
        """Change the colours now."""
        appearance = Appearance(value)
        self._settings.set(APPEARANCE, None if appearance is Appearance.SYSTEM else value)
        self._theme.set_appearance(appearance)

    @property
    def language(self) -> str:
        """Its code, empty for the system's."""
        return self._settings.get(LANGUAGE) or ""

    def set_language(self, code: str) -> None:
        """Speak another language from now on."""
        if code != self.language:
            self._settings.set(LANGUAGE, code or None)
            self.language_chosen.emit()

    @property
    def close_action(self) -> str:
        """What closing the window does while uploads run; empty for asking."""
        return self._settings.get(CLOSE_ACTION) or ""

    def set_close_action(self, action: str) -> None:
        """Do this from now on, or ask again."""
        self._settings.set(CLOSE_ACTION, action or None)

    def is_on(self, key: str) -> bool:
        """Whether a switch is on."""
        return is_on(self._settings, key)

    def set_switch(self, key: str, *, is_wanted: bool) -> None:
        """Keep a switch's place; on is how it is by itself."""
        self._settings.set(key, None if is_wanted else "false")
