"""Runs the web application under uvicorn: binds first, says where, stops in order."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import tempfile
from dataclasses import dataclass
from types import FrameType

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from backend.bootstrap import BIND_HOST_VARIABLE, CREATE_BUCKET_VARIABLE, create_application
from backend.http.bounded_protocol import BoundedHttpProtocol
from backend.metrics import SHARED_FOLDER_VARIABLE
from backend.settings import BadSettings

GRACEFUL_STOP_S = 5
BACKLOG = 2048
# A watcher says who it is, and nothing else.
MAX_MESSAGE_BYTES = 64 * 1024
LET_GO_S = 1.0


@dataclass(frozen=True)
class ServeOptions:
    """Where and with how many processes to serve; port 0 picks a free one."""

    host: str
    port: int
    workers: int
    create_bucket: bool


def serve(options: ServeOptions) -> int:
    """Serve until SIGTERM, Ctrl-C or (Windows) Ctrl-Break; return the exit code.

    Prints one JSON line with the address once connections are accepted. Raises BadSettings before binding.
    """
    os.environ[BIND_HOST_VARIABLE] = options.host
    os.environ[CREATE_BUCKET_VARIABLE] = "1" if options.create_bucket else "0"
    # Built here even for several workers: bad settings shall end the command, not each worker in turn.
    app = create_application()
    bound = _bind(options.host, options.port)
    config = uvicorn.Config(
        app if options.workers == 1 else "backend.bootstrap:create_application",
        factory=options.workers > 1,
        workers=options.workers,
        http=BoundedHttpProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws=WatcherProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACEFUL_STOP_S,
    )
    # uvicorn stops in order and then raises the signal again: received here, it must not end the process rudely.
    signal.signal(signal.SIGTERM, _ignore)
    signal.signal(signal.SIGINT, _ignore)
    with bound:
        if options.workers == 1:
            _AnnouncingServer(config, bound).run(sockets=[bound])
        else:
            _serve_many(config, bound)
    return 0


class WatcherProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that says goodbye as a server does that goes away, and waits for nobody who does not read."""

    def shutdown(self) -> None:
        """Close with 1001, which tells a client to connect again; uvicorn's own word would be 1012."""
        if self.handshake_complete and not self.close_sent:
            self.close_sent = True
            self.conn.send_close(1001)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.loop.call_later(LET_GO_S, self.transport.abort)
        super().shutdown()


class _AnnouncingServer(uvicorn.Server):
    """Says where it listens as soon as it accepts connections."""

    def __init__(self, config: uvicorn.Config, bound: socket.socket) -> None:
        super().__init__(config)
        self._bound = bound

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        if self.started:
            _announce(self._bound)


def _serve_many(config: uvicorn.Config, bound: socket.socket) -> None:
    from uvicorn.supervisors import Multiprocess

    # Listening already: whoever connects before a worker is up waits in the queue.
    bound.listen(BACKLOG)
    # The workers' numbers stand in files here, so that each can show those of all.
    shared = os.environ[SHARED_FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="recorder-metrics-")
    try:
        _announce(bound)
        Multiprocess(config, sockets=[bound]).run()
    finally:
        shutil.rmtree(shared, ignore_errors=True)


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        if os.name != "nt":
            # On Windows this option would let another program take the port over.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as exc:
        raise BadSettings(f"--host/--port: cannot listen on {host}:{port} ({exc.strerror or exc})") from exc
    bound.set_inheritable(True)
    return bound


def _announce(bound: socket.socket) -> None:
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(json.dumps({"event": "listening", "url": f"http://{shown}:{port}"}), flush=True)


def _ignore(_: int, __: FrameType | None) -> None:
    """Do nothing: the stop has happened already."""
