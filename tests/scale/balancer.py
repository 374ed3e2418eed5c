"""HAProxy in front of several backends: each request to the next one that is well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from tests.servers import ServerProcess, binary, clean_env, free_ports, wait_until

_CONFIGURATION = """
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  # A backend that does not answer the connection is passed over; what it has been sent is the client's to repeat.
  option redispatch
  retries 2
  retry-on conn-failure empty-response
frontend clients
  bind 127.0.0.1:{port}
  default_backend recorder
backend recorder
  balance roundrobin
  option httpchk GET /healthz
  http-check send hdr Host 127.0.0.1
  default-server check inter 500ms fall 1 rise 1
{servers}
"""


@contextmanager
def balancer(folder: Path, backend_urls: Sequence[str]) -> Iterator[str]:
    """Run a round-robin proxy before the backends until the block ends; yields its URL."""
    folder.mkdir(parents=True)
    (port,) = free_ports(1)
    servers = "\n".join(f"  server b{number} {urlsplit(url).netloc}" for number, url in enumerate(backend_urls))
    configuration = folder / "haproxy.cfg"
    configuration.write_text(_CONFIGURATION.format(port=port, servers=servers))
    command = [binary("haproxy", "haproxy"), "-db", "-f", str(configuration)]
    process = ServerProcess(command, folder, clean_env(), folder / "haproxy.log")
    process.start()
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.alive() and _is_ready(url), "the balancer")
        yield url
    finally:
        process.terminate()


def _is_ready(url: str) -> bool:
    with urllib3.PoolManager(retries=False, timeout=2.0) as pool:
        try:
            return int(pool.request("GET", url + "/readyz").status) == 200
        except urllib3.exceptions.HTTPError:
            return False
