"""Builds boto3 clients: SigV4, path style where an endpoint is set, bounded waits, the system's trust."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal
from urllib.parse import quote, urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
CONNECT_TIMEOUT_S = 5
# Complete may be silent for long: S3 sends blanks meanwhile, other stores nothing.
READ_TIMEOUT_S = 90
POOL_SIZE = 48

# Told the store's operation and who calls it: this backend now, or a client with a URL that it was given.
CallObserver = Callable[[str, Literal["backend", "client"]], None]


@dataclass(frozen=True)
class S3Connection:
    """The keys and the place of a store; ``endpoint_url`` None is AWS. A session token comes with temporary keys."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str
    endpoint_url: str | None = None
    session_token: str | None = field(default=None, repr=False)


def client_for(connection: S3Connection, public_endpoint_url: str | None, *, retries: bool) -> Any:
    """Return an S3 client; ``public_endpoint_url`` replaces the endpoint, for URLs that others will call."""
    import boto3
    from botocore.config import Config

    endpoint_url = public_endpoint_url or connection.endpoint_url
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint_url else "virtual"},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S if retries else CONNECT_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 3 if retries else 1},
        max_pool_connections=POOL_SIZE,
        # Else boto3 adds a CRC32 of its own to what it sends and signs; some stores refuse it.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # A proxy of the environment must not see calls to this computer.
        proxies={} if _is_loopback(endpoint_url) else None,
        ignore_configured_endpoint_urls=True,
    )
    session = boto3.session.Session(
        aws_access_key_id=connection.access_key,
        aws_secret_access_key=connection.secret_key,
        aws_session_token=connection.session_token,
        region_name=connection.region,
        botocore_session=_unconfigured_session(),
    )
    return session.client("s3", endpoint_url=endpoint_url, config=config, verify=_trust())


def observe_calls(client: Any, observer: CallObserver) -> None:
    """Have the observer told of every request that the client sends, each attempt of a retried one as well."""

    def sent(event_name: str, **_: object) -> None:
        observer(event_name.rpartition(".")[2], "backend")

    client.meta.events.register("before-send.s3", sent)


def session_for(client: Any) -> Any:
    """Return what sends signed requests as a client from here does: by its proxies and with its trust."""
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    endpoint_url = client.meta.endpoint_url
    return URLLib3Session(
        verify=_trust(),
        proxies={} if _is_loopback(endpoint_url) else get_environ_proxies(endpoint_url),
        timeout=CONNECT_TIMEOUT_S,
        max_pool_connections=POOL_SIZE,
    )


def _unconfigured_session() -> Any:
    """Return a session in which the person's AWS set-up, profiles, files and variables alike, has no say."""
    from botocore.session import Session

    defaults = {name: (None, None, *rest) for name, (_, _, *rest) in Session.SESSION_VARIABLES.items()}
    no_file = (None, None, os.devnull, None)
    session = Session(session_vars=defaults | {"config_file": no_file, "credentials_file": no_file})
    session.register_component("data_loader", _descriptions())
    return session


@cache
def _descriptions() -> Any:
    """Return what botocore knows about S3: reading it for every client would take most of the time to make one."""
    from botocore.loaders import create_loader

    return create_loader()


def object_url(connection: S3Connection, public_endpoint_url: str | None, bucket: str, key: str) -> str:
    """Return an object's unsigned address."""
    endpoint_url = public_endpoint_url or connection.endpoint_url
    if endpoint_url:
        return f"{endpoint_url.rstrip('/')}/{bucket}/{quote(key)}"
    return f"https://{bucket}.s3.{connection.region}.amazonaws.com/{quote(key)}"


def _is_loopback(endpoint_url: str | None) -> bool:
    return endpoint_url is not None and urlsplit(endpoint_url).hostname in LOOPBACK_HOSTS


def _trust() -> str | bool:
    """Return the CA file to trust: $SSL_CERT_FILE, the operating system's, or boto3's own where there is none."""
    return os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or True
