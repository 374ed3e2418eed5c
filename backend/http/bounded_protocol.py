"""HTTP by llhttp, a parser in C: with the limit that it lacks, and deaf to offers to speak another protocol.

The parser in Python that uvicorn has otherwise would take more than half of what a presign request costs.
"""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.http.on_the_spot import Begun, OnTheSpot

MAX_AROUND_BODY_BYTES = 128 * 1024
_TOO_LARGE = "The headers are too large."
_NOT_HTTP = "Invalid HTTP request received."
_OFFER = (b"upgrade", b"connection", b"http2-settings")


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection on which a request line, headers, trailers and chunk sizes grow past the limit.

    Trailers are passed over: taken for headers, they would be such as no proxy in front has seen (RFC 9110, 6.5.1).
    """

    _around_body_bytes = 0
    _is_in_head = False
    _is_known_head = False
    _begun: Begun | None = None
    """What answers the request on the spot when its body, held back in ``_pieces``, is there."""
    _pieces: list[bytes]

    def data_received(self, data: bytes) -> None:
        """Take what came from the network."""
        self._around_body_bytes += len(data)
        self._unset_keepalive_if_required()
        try:
            self._parse(memoryview(data))
        except httptools.HttpParserError:
            self.send_400_response(_NOT_HTTP)
        if self._around_body_bytes > MAX_AROUND_BODY_BYTES and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)

    def _parse(self, data: memoryview) -> None:
        while data and not self.transport.is_closing():
            try:
                return self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
            if self._is_tunnel():
                return self.send_400_response(_NOT_HTTP)
            if self._should_upgrade():
                return self.handle_websocket_upgrade()
            self._read_head_without_offer()
        return None

    def _read_head_without_offer(self) -> None:
        """Read a request's head once more without its offer, as it may be passed over (RFC 9110, 7.8).

        The parser takes whatever follows such an offer for another protocol. Java's client offers HTTP/2 with its
        first request, whose body would be lost.
        """
        lines = [name + b": " + value + b"\r\n" for name, value in self.headers if name not in _OFFER]
        head = self.scope["method"].encode() + b" " + self.url + b" HTTP/1.1\r\n" + b"".join(lines) + b"\r\n"
        self.parser = httptools.HttpRequestParser(self)
        # As uvicorn sets it: what follows a request that ends its connection is passed over, not an error.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._is_known_head = True
        try:
            self.parser.feed_data(head)
        finally:
            self._is_known_head = False

    def _is_tunnel(self) -> bool:
        return bool(self.parser.get_method() == b"CONNECT")

    def on_message_begin(self) -> None:
        """Begin a request; what came in one piece with its first byte is at most one read of the socket."""
        if self._is_known_head:
            return
        self._around_body_bytes = 0
        self._is_in_head = True
        # It may have come in one piece with one that was answered on the spot, which began to wait for the next.
        self._unset_keepalive_if_required()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        if not self._is_known_head:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request, unless it wants a tunnel, which is refused."""
        if self._is_in_head and not self._is_tunnel():
            self._begun = self._begun_on_the_spot()
            if self._begun is None:
                super().on_headers_complete()
        self._is_in_head = False

    def _begun_on_the_spot(self) -> Begun | None:
        self._pieces = []
        spots: OnTheSpot | None = getattr(self.app, "on_the_spot", None)
        # Answers go out in the order of their requests, and none while the client does not take them.
        is_free = (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused
        if spots is None or not is_free or self.parser.get_method() != b"POST":
            return None
        is_kept = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        return spots.begin(self.url, self.headers) if is_kept and not self.parser.should_upgrade() else None

    def _answer_on_the_spot(self, begun: Begun) -> None:
        lines = b"".join([b"%s: %s\r\n" % header for header in self.server_state.default_headers])
        answer = begun.answer(b"".join(self._pieces), lines)
        if answer is None:
            self._go_the_usual_way()
            return super().on_message_complete()
        self._begun = None
        self.transport.write(answer)
        return self.on_response_complete()

    def _go_the_usual_way(self) -> None:
        """Begin the request as uvicorn does, with as much of its body as has come."""
        self._begun = None
        super().on_headers_complete()
        for piece in self._pieces:
            super().on_body(piece)

    def shutdown(self) -> None:
        """Let a request that has begun come to its end."""
        if self._begun is not None:
            self._go_the_usual_way()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Have a request whose client went away within its body counted and logged as any other."""
        if self._begun is not None:
            self._go_the_usual_way()
        super().connection_lost(exc)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which has a limit of its own."""
        self._around_body_bytes -= len(body)
        if self._begun is None:
            super().on_body(body)
        else:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """End a request, unless it only seems to end where an offer is passed over."""
        if self._begun is not None:
            self._answer_on_the_spot(self._begun)
        elif not self.parser.should_upgrade():
            super().on_message_complete()
