"""Connections to stores that parts take turns on. urllib3 makes and keeps them: TLS, proxies, dead ones replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import cast
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.proxy import connection_requires_http_tunnel

from recorder_desktop.client.network import connections_to, proxy_for
from recorder_desktop.client.put_exchange import SOCKET_OPTIONS

CONNECT_TIMEOUT_S = 10.0


class StoreConnections:
    """Lends connections to sender threads; keeps up to `most_kept` open between uses, for each store."""

    def __init__(self, most_kept: int) -> None:
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str, str | None], StorePool] = {}  # guarded by _lock

    def on_the_way_to(self, url: str) -> StorePool:
        """The connections that lead to `url`, through the proxy that the system's settings name now."""
        parts, proxy = urlsplit(url), proxy_for(url)
        way = (parts.scheme, parts.netloc, proxy)
        with self._lock:
            if way not in self._pools:
                manager = connections_to(url, maxsize=self._most_kept, socket_options=list(SOCKET_OPTIONS))
                manager.pool_classes_by_scheme = {"http": StorePool, "https": StoreTlsPool}
                self._pools[way] = cast("StorePool", manager.connection_from_url(url))
            return self._pools[way]

    def close(self) -> None:
        """Close the idle ones."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()


class StorePool(HTTPConnectionPool):
    """urllib3's pool, whose connections can be had for an exchange of one's own."""

    @contextmanager
    def lent(self, scheme: str) -> Iterator[HTTPConnection]:
        """An open connection to the store, at addresses of `scheme`. It is kept, unless the block closes it
        or raises.

        Raises what urllib3 raises when there is no way to the store, before the block begins.
        """
        connection = cast("HTTPConnection", self._get_conn())
        try:
            if connection.is_closed:
                self._connect(connection, scheme)
            yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            self._put_conn(connection)

    def forwarded(self, scheme: str) -> bool:
        """Whether a proxy is asked to forward requests, rather than to let through what it cannot read."""
        return self.proxy is not None and not self._is_tunnel(scheme)

    def _is_tunnel(self, scheme: str) -> bool:
        return connection_requires_http_tunnel(self.proxy, self.proxy_config, scheme)

    def _connect(self, connection: HTTPConnection, scheme: str) -> None:
        connection.timeout = CONNECT_TIMEOUT_S
        try:
            if self._is_tunnel(scheme):
                self._prepare_proxy(connection)
            else:
                connection.connect()
        except (OSError, HTTPException, urllib3.exceptions.HTTPError) as exc:
            if self.proxy is not None and not connection.has_connected_to_proxy:
                raise urllib3.exceptions.ProxyError("the proxy gives no way to the store", exc) from exc
            if isinstance(exc, HTTPException):
                raise urllib3.exceptions.ProtocolError("no HTTP", exc) from exc
            raise


class StoreTlsPool(StorePool, HTTPSConnectionPool):
    """The same under TLS."""
