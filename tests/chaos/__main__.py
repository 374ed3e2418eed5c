"""The chaos proxy by hand: `python -m tests.chaos --help`."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from tests.chaos.faults import SLOW_DOWN, DropAnswer, Fault, Flip, Replace, Reset, Stall, Throttle
from tests.chaos.proxy import chaos_proxy

HELP = """
A fault is   ACTION[:VALUE] [METHOD] [/TARGET] [skip=N] [times=N|all]
METHOD and TARGET (an expression, looked for in path and query) say to which requests; both may be left out. The first
`skip` of them pass, then it happens `times` times (1).

  drop                 the request is carried out, its answer gets lost
  reset:BYTES          the connection is reset after so many bytes of the body
  stall:BYTES[,S]      from that byte on nothing passes, for S seconds or for good
  throttle:BYTES/S     the body passes no faster
  flip:BYTE            one bit of this byte of the body is another
  answer:STATUS[,BODY] this comes instead, and the target hears nothing (503 alone: the store's SlowDown)
  replace:STATUS[,BODY] the same, after the target has been asked

In front of a store, between app and bucket:
  python -m tests.chaos http://127.0.0.1:8333 --port 9000 --fault "reset:1000000 PUT times=3"
  S3_ENDPOINT_URL=http://127.0.0.1:8333 S3_PUBLIC_ENDPOINT_URL=http://127.0.0.1:9000 ... recorder-backend serve
In front of a server, between app and backend:
  python -m tests.chaos http://127.0.0.1:8080 --port 9001 --fault "drop POST /s3/complete-upload"
  RECORDER_SERVER=http://127.0.0.1:9001 RECORDER_TOKEN=... recorder-desktop upload talk.mp4
"""


class BadFault(ValueError):
    """What was written is no fault; the message says why."""


def parse_fault(words: str) -> Fault:
    """Return the fault that is described as HELP explains. Raises BadFault."""
    action, *rest = words.split()
    name, _, value = action.partition(":")
    if name not in _ACTIONS:
        raise BadFault(f"{name} is no action: {', '.join(_ACTIONS)}")
    try:
        fault = _ACTIONS[name](value)
        for word in rest:
            fault = _narrowed(fault, word)
    except ValueError as exc:
        raise BadFault(f"{words}: {exc}") from exc
    return fault


def _narrowed(fault: Fault, word: str) -> Fault:
    if word.startswith("skip="):
        return replace(fault, skip=int(word[5:]))
    if word.startswith("times="):
        return replace(fault, times=None if word == "times=all" else int(word[6:]))
    if word.startswith("/"):
        return replace(fault, target=word)
    return replace(fault, method=word.upper())


def _stall(value: str) -> Fault:
    at, _, for_s = value.partition(",")
    return Stall(after_bytes=int(at or 0), for_s=float(for_s) if for_s else None)


def _answer(value: str, *, is_asked: bool = False) -> Fault:
    status, _, body = value.partition(",")
    told = body.encode() or (SLOW_DOWN if status == "503" else b"")
    return Replace(status=int(status), body=told, is_asked=is_asked)


_ACTIONS: dict[str, Callable[[str], Fault]] = {
    "drop": lambda _value: DropAnswer(),
    "reset": lambda value: Reset(after_bytes=int(value or 0)),
    "stall": _stall,
    "throttle": lambda value: Throttle(rate_bytes_per_s=float(value)),
    "flip": lambda value: Flip(at_byte=int(value or 0)),
    "answer": _answer,
    "replace": lambda value: _answer(value, is_asked=True),
}


def main(arguments: list[str]) -> int:
    """Run the proxy until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="A proxy in front of a store or a server that fails as it is told.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", help="the address that requests are passed on to, http only")
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; 0: a free port")
    parser.add_argument("--rate", type=float, help="bytes a second of request bodies, all together")
    parser.add_argument("--fault", action="append", default=[], help="see below; may be given several times")
    options = parser.parse_args(arguments)
    try:
        faults = [parse_fault(words) for words in options.fault]
    except BadFault as exc:
        parser.error(str(exc))
    with chaos_proxy(options.target, options.rate, options.port) as proxy:
        proxy.on_hit = lambda words: print(words, flush=True)
        for fault in faults:
            proxy.inject(fault)
        print(f"{proxy.url} in front of {options.target}, with {len(faults)} faults. Ctrl-C ends it.", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
