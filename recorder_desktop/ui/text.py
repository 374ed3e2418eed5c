"""Words and figures as the window shows them. Every sentence goes through `tr`, those from below the window through
`translated`, figures through the locale.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from recorder_desktop.config import LOCAL
from recorder_desktop.core.addresses import is_loopback
from recorder_desktop.core.addresses import lifetime_s as lifetime_s_of
from recorder_desktop.core.lifecycle import was_deleted
from recorder_desktop.core.model import Upload, UploadState, UploadView
from recorder_desktop.core.own_bucket import bucket_and_place
from recorder_desktop.ui.translation import PROBLEM, WINDOW

NBSP = "\u00a0"  # keeps a figure and its unit on one line
_NO_TEXT = dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | {
    0xDC00 + byte: f"\\x{byte:02x}" for byte in range(0x80, 256)
}
"""What Qt cannot show of a name: halves of characters, and above all bytes that are no text, which Python hides in
such halves (PEP 383). Each byte is written out, so that two such names can be told apart."""
_ONE_LINE = _NO_TEXT | str.maketrans({"\n": "⏎", "\u2028": "⏎", "\x9c": "\ufffd"})
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def tr(text: str, count: int = -1) -> str:
    """Translate a text; `count` fills %n and chooses the plural form of languages that have several."""
    return QCoreApplication.translate(WINDOW, text, None, count)


def count_of(count: int, one: str, many: str) -> str:
    """`one` for 1, else `many` with %n filled in. English needs no translation file for this to read well."""
    return tr(one) if count == 1 else tr(many, count)


def translated(sentence: str) -> str:
    """A sentence that was made below the window, such as a problem's message; as it is where nobody translated it."""
    return QCoreApplication.translate(PROBLEM, sentence.translate(_NO_TEXT))


def one_line(words: str) -> str:
    """Words, such as a file's name, without what Qt breaks a line at, hides the rest behind (U+009C), or
    cannot show."""
    return words.translate(_ONE_LINE)


def number(count: int) -> str:
    """A whole number with the locale's grouping."""
    return QLocale().toString(count)


def size(size_bytes: float) -> str:
    """Bytes in decimal units, as file managers show them, with about three digits: "1.25 GB"."""
    value = float(size_bytes)
    unit = 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    return f"{_figure(value, exact=unit == 0)}{NBSP}{_UNITS[unit]}"


def speed(rate_bytes_per_s: float) -> str:
    """A rate, empty at rest."""
    return f"{size(rate_bytes_per_s)}/s" if rate_bytes_per_s >= 1 else ""


def duration(duration_s: float | None) -> str:
    """Playing time as players show it, "1:02:03"; empty while unknown."""
    if duration_s is None:
        return ""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def time_left(seconds: float | None) -> str:
    """A rough time, since it is a guess: two units at most; empty while unknown."""
    if seconds is None:
        return ""
    if seconds < 60:
        return tr("%n s", max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("%n min", minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{tr('%n h', hours)} {tr('%n min', minutes)}"
    return count_of(round(hours / 24), "1 day", "%n days")


def percent(fraction: float) -> str:
    """A share in whole percent, rounded down: 100 % is said only when nothing is left."""
    return f"{int(fraction * 100)}{NBSP}%"


def state(upload_state: UploadState) -> str:
    """A state in a word or two."""
    match upload_state:
        case UploadState.QUEUED:
            return tr("Queued")
        case UploadState.UPLOADING:
            return tr("Uploading")
        case UploadState.WAITING:
            return tr("Waiting")
        case UploadState.PAUSED:
            return tr("Paused")
        case UploadState.FINALISING:
            return tr("Verifying")
        case UploadState.COMPLETED:
            return tr("Verified")
        case UploadState.ATTENTION:
            return tr("Needs attention")
        case UploadState.CANCELLED:
            return tr("Cancelled")


def state_of(upload: Upload) -> str:
    """How an upload stands in a word or two."""
    return tr("Deleted") if was_deleted(upload) else state(upload.state)


def state_sentence(view: UploadView) -> str:
    """What an upload is doing and what that means for the person; a problem's own message where there is one."""
    upload = view.upload
    if upload.state is UploadState.COMPLETED:
        return _verified(upload)
    if upload.problem is not None:
        return translated(upload.problem.message)
    if upload.recording is not None:
        return _stored_once(upload)
    match upload.state:
        case UploadState.QUEUED:
            return tr("Starts as soon as a place is free. Keep the file where it is.")
        case UploadState.UPLOADING:
            return tr("On its way. Keep the file where it is until it is verified.")
        case UploadState.WAITING:
            return tr("Waiting for the connection. It goes on by itself; nothing is lost.")
        case UploadState.PAUSED:
            return tr("Paused. Everything sent so far is kept.")
        case UploadState.FINALISING:
            return tr("Everything is sent; the stored copy is being checked.")
        case UploadState.ATTENTION:
            return tr("This upload needs your help. Everything sent so far is kept.")
        case _:
            return tr("Cancelled. Nothing was stored. Retry starts it again.")


def row_sentence(view: UploadView) -> str:
    """The same for a row of a list. Whether a copy can go is left to those who look at it first."""
    upload = view.upload
    if upload.state is UploadState.COMPLETED and upload.size_bytes and not is_stored_here(upload):
        return tr("Stored and checked.")
    return state_sentence(view)


def _verified(upload: Upload) -> str:
    if upload.size_bytes == 0:
        return tr("Stored, but the file is empty: it has 0 bytes.")
    if is_stored_here(upload):
        return tr("Verified. Stored a second time on this computer.")
    return tr("Verified. Safe to delete your copy.")


def bucket_name(destination: str) -> str:
    """A place that is a bucket of the person's own, in words: its name, and where it is."""
    name, place = bucket_and_place(destination)
    return tr("{name} at {place}").format(name=name, place=place)


def is_stored_here(upload: Upload) -> bool:
    """Whether the stored copy lies on the very computer that the file is on."""
    return upload.recording is not None and upload.destination == LOCAL


def _stored_once(upload: Upload) -> str:
    if upload.state is UploadState.CANCELLED:
        return tr("Cancelled. It was stored before; whether it still is was not asked.")
    return tr("It was stored before. Whether it still is will be asked before anything is sent. Keep the file.")


def link_copied(address: str) -> str:
    """What is said of a link that was copied: for how long it works, and for whom."""
    lifetime_s = lifetime_s_of(address)
    time = tr("a while") if lifetime_s is None else _span(lifetime_s)
    if is_loopback(address):
        return tr("Link copied. It works for {time}, on this computer only.").format(time=time)
    return tr("Link copied. It works for {time}, for everybody who has it.").format(time=time)


def _span(seconds: int) -> str:
    return tr("one hour") if round(seconds / 60) == 60 else time_left(seconds)


def progress(view: UploadView) -> str:
    """How much of a file is stored, in words; while nothing is, how much is on its way."""
    upload = view.upload
    if upload.state is UploadState.COMPLETED:
        return tr("All stored")
    if upload.state is UploadState.CANCELLED:
        return tr("Not stored")
    if upload.bytes_confirmed == 0 and view.bytes_in_flight == 0:
        return tr("Not started")
    if upload.bytes_confirmed == 0:  # a first part can take minutes, through all of which "0 %" would look stuck
        return tr("{amount} on the way").format(amount=size_of_total(view.bytes_in_flight, upload.size_bytes))
    share = percent(upload.bytes_confirmed / upload.size_bytes) if upload.size_bytes else percent(0)
    return f"{share} · {size_of_total(upload.bytes_confirmed, upload.size_bytes)}"


def size_of_total(done_bytes: int, total_bytes: int) -> str:
    """ "1.2 of 3.4 GB", without naming the same unit twice."""
    done, total = size(done_bytes), size(total_bytes)
    done_figure, done_unit = done.split(NBSP)
    if done_unit == total.split(NBSP)[1]:
        done = done_figure
    return tr("{done} of {total}").format(done=done, total=total)


def _figure(value: float, *, exact: bool) -> str:
    decimals = 0 if exact or value >= 99.95 else 1 if value >= 9.995 else 2
    return QLocale().toString(value, "f", decimals)
