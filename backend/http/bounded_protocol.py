"""HTTP by llhttp, a parser in C, with the limit that it lacks: it takes as many headers as somebody cares to send.

The parser in Python that uvicorn has otherwise takes a sixth of what the backend does for a small file.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_AROUND_BODY_BYTES = 128 * 1024
_TOO_LARGE = "The headers are too large."


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection on which a request line, headers, trailers and chunk sizes grow past the limit."""

    _around_body_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Take what came from the network."""
        self._around_body_bytes += len(data)
        super().data_received(data)
        if self._around_body_bytes > MAX_AROUND_BODY_BYTES and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a request; what came in one piece with its first byte is at most one read of the socket."""
        self._around_body_bytes = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which has a limit of its own."""
        self._around_body_bytes -= len(body)
        super().on_body(body)
