"""Finds an upload again that a lost queue had begun: the server still knows it, and the store has its parts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from recorder_desktop.core.model import Upload
from recorder_desktop.core.ports import OpenUpload
from recorder_desktop.transfer.live_queue import LiveQueue


class LostUploads:
    """What was lost with a queue. Safe to use from many threads: no two uploads are given the same."""

    def __init__(self, queue: LiveQueue, *, is_looked_for: bool) -> None:
        """`is_looked_for`: a queue was lost at all."""
        self.is_looked_for = is_looked_for
        self._queue = queue
        self._lock = threading.Lock()  # held from the look into the queue to the change of its row

    def take(self, upload: Upload, listed: Sequence[OpenUpload], keep: Callable[[str], Upload]) -> Upload | None:
        """Have `upload` go on under the client upload id of a listed one that can be its own, which `keep` writes.

        None where there is none. Name and size prove nothing: whoever goes on with it compares the parts with the
        file, checksum by checksum, as after every start.
        """
        with self._lock:
            known = {each.client_upload_id for each in self._queue.all() if each.id != upload.id}
            # Its own first: what it took before a crash, or opened without hearing of it.
            for each in sorted(listed, key=lambda each: each.client_upload_id != upload.client_upload_id):
                if each.client_upload_id not in known and _can_be(each, upload):
                    return keep(each.client_upload_id)
        return None


def _can_be(listed: OpenUpload, upload: Upload) -> bool:
    name = upload.file_name.encode("utf-8", "replace").decode()
    wanted = (name, upload.size_bytes, upload.content_type, upload.folder_id)
    found = (listed.file_name, listed.size_bytes, listed.content_type, listed.folder_id)
    return found == wanted and _is_below(listed.key, upload.directory)


def _is_below(key: str, directory: str) -> bool:
    """Whether a key is directly in a directory; which one an upload without any has is the server's to say."""
    return not directory or key.rpartition("/")[0] == directory.removesuffix("/")
