"""The data path in this process: threads read and send for themselves. Implements core.ports.DataPath."""

from __future__ import annotations

from pathlib import Path

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.core.ports import PartSender, Tally
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.pace import FIRST_PIECE_BYTES, AttemptPace
from recorder_desktop.data_path.part_reader import PartReader
from recorder_desktop.data_path.rate_limit import RateLimiter


class DataPathHere:
    """One for the process: its lanes share the limit and the sender's connections."""

    def __init__(self, sender: PartSender) -> None:
        self._sender = sender
        self._limiter = RateLimiter()

    def lane(self) -> LaneHere:
        """Another thread's way. See core.ports.DataPath, also for what follows."""
        return LaneHere(self._sender, self._limiter)

    def limit_to(self, bytes_per_s: int | None) -> None:
        """Let so many bytes a second go from now on."""
        self._limiter.set_limit(bytes_per_s)

    def close(self) -> None:
        """Close idle connections."""
        self._sender.close()


class LaneHere:
    """Implements core.ports.Lane with a buffer that belongs to its thread."""

    def __init__(self, sender: PartSender, limiter: RateLimiter) -> None:
        self._sender = sender
        self._limiter = limiter
        self._reader = PartReader()
        self._first_piece_bytes = FIRST_PIECE_BYTES
        self.access = self._reader.access

    def digest(self, path: Path, part: PartRange, stop: StopToken, *, with_md5: bool) -> PartDigest:
        """Return the checksums of a part as it is on disk now. See core.ports.Lane, also for what follows."""
        return self._reader.digest(path, part, stop, with_md5=with_md5)

    def send(self, signed: SignedPart, path: Path, part: PartRange, tally: Tally, stop: StopToken) -> str:
        """Send a part within the limit."""
        pace = AttemptPace(stop, self._limiter, tally, self._first_piece_bytes)
        self._first_piece_bytes = FIRST_PIECE_BYTES  # unless it goes well
        etag = self._sender.send(signed, self._reader.body(path, part, pace), stop)
        self._first_piece_bytes = pace.next_first_piece_bytes
        return etag
