from __future__ import annotations

import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest
import urllib3

from recorder_desktop.core.errors import Refused
from recorder_desktop.system import embedded_store
from recorder_desktop.system.embedded_store import EmbeddedStore, StoreKeys, _kept, free_ports, store_program
from recorder_desktop.system.paths import RecorderPaths
from tests.servers import wait_until


def test_the_program_stands_beside_python() -> None:
    assert store_program().parent == Path(sys.executable).parent


def test_the_program_is_found_through_its_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_store, "_program_folders", list)

    assert store_program().resolve() == Path(sys.executable).with_name("weed").resolve()


def test_the_program_is_found_inside_a_packaged_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weed").touch()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)

    assert store_program() == tmp_path / "weed"


def test_a_missing_program_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded_store, "_program_folders", lambda: [tmp_path])
    monkeypatch.setattr(embedded_store, "_wheel_files", lambda _: [])
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match="Install Recorder again"):
        store_program()


def test_free_ports_are_all_different() -> None:
    assert len(set(free_ports(10))) == 10


def test_a_port_that_is_kept_is_nobodys_but_a_listeners_who_shares_it() -> None:
    (port,) = free_ports(1)
    kept = _kept(port)
    assert kept is not None
    with closing(kept):
        with closing(socket.socket()) as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)) as store:  # it asks for reuse, as Go does
            assert store.getsockname()[1] == port
            assert _kept(port) is None
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))


def test_a_port_that_somebody_took_meanwhile_does_not_keep_the_store_from_starting(tmp_path: Path) -> None:
    paths = RecorderPaths(tmp_path / "home")
    paths.create()
    store = EmbeddedStore(paths, lambda _: False)
    chosen = store.ports
    with socket.create_server(("127.0.0.1", chosen["filer.port.grpc"])):
        store.start()
        try:
            wait_until(lambda: store.is_alive() and _answers(store.endpoint_url), "the store")
        finally:
            store.stop()

    assert store.ports["filer.port.grpc"] != chosen["filer.port.grpc"]
    assert store.ports["s3.port"] == chosen["s3.port"]


def test_a_socket_that_another_store_left_for_one_of_its_ports_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = RecorderPaths(tmp_path / "home")
    paths.create()
    store = EmbeddedStore(paths, lambda _: False)
    (port,) = free_ports(1)
    left = Path("/tmp") / f"seaweedfs-somebody-{port}.sock"
    monkeypatch.setattr(embedded_store, "free_ports", lambda count: [port, *range(2, count + 1)])
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(left))
            listening.listen()
            store._plan()
            assert left.exists()  # somebody is there
        store._plan()
        assert not left.exists()
    finally:
        left.unlink(missing_ok=True)


def _answers(endpoint_url: str) -> bool:
    try:
        return urllib3.request("GET", f"{endpoint_url}/healthz", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def test_s24_keys_are_new_each_time_and_masked() -> None:
    one, other = StoreKeys(), StoreKeys()

    assert one.secret_key != other.secret_key
    assert one.access_key not in repr(one)
    assert one.secret_key not in repr(one)
