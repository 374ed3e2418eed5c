"""Whether the bandwidth limit is kept: what passes in ten seconds, over all senders together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from recorder_desktop.config import LIMIT_SETTING
from tests.benchmarks import ours
from tests.benchmarks.line_proxy import LineSample, LineShape, line
from tests.benchmarks.measuring import run_for
from tests.benchmarks.recordings import GIB, make_sparse, ram_folder
from tests.benchmarks.report import Section, Table
from tests.benchmarks.sinks import sink

LIMITS_MB_PER_S = (2, 20)
WARM_UP_S = 3.0
MEASURED_S = 10.0
DEMANDED = 0.05

METHOD = f"""A recording is sent to the discarding sink with a limit in the settings. Bytes are counted where they
arrive, from second {WARM_UP_S:.0f} on, for {MEASURED_S:.0f} s; then the run is interrupted. The demand is
{DEMANDED:.0%}."""


def measure(rounds: int) -> Section:
    """Measure each limit."""
    deviations = {limit: median(_deviation(limit) for _ in range(rounds)) for limit in LIMITS_MB_PER_S}
    rows = [
        [f"{limit} MB/s", f"{limit * (1 + deviation):.2f} MB/s", f"{deviation:+.1%}"]
        for limit, deviation in deviations.items()
    ]
    missed = [f"{limit} MB/s" for limit, deviation in deviations.items() if abs(deviation) > DEMANDED]
    note = f"**The limit is missed** at {', '.join(missed)}." if missed else "Every limit is kept."
    return Section("Bandwidth limit", METHOD, [Table("Limits", ["limit", "passed", "deviation"], rows, [note])])


def _deviation(limit_mb_per_s: int) -> float:
    ends_at_s = WARM_UP_S + MEASURED_S
    with ExitStack() as stack:
        file = make_sparse(stack.enter_context(ram_folder()) / "silence.wav", 64 * GIB)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        place = stack.enter_context(sink(folder))
        port = urlsplit(place.target.endpoint_url).port or 80
        meter = stack.enter_context(line(folder, LineShape(), [port]))
        public = {"S3_PUBLIC_ENDPOINT_URL": meter.urls[0]}
        team = stack.enter_context(ours.team(folder, place.target, public))
        home = folder / "home"
        ours.write_settings(home, {LIMIT_SETTING: f"{limit_mb_per_s} MB/s"})
        done = run_for(team.client(home, "upload", str(file), "--json"), folder, ends_at_s + 0.5)
        begin, end = (_at(meter.samples(), done.began + second) for second in (WARM_UP_S, ends_at_s))
    rate = (end.part_bytes - begin.part_bytes) / (end.at - begin.at)
    return rate / (limit_mb_per_s * 1e6) - 1


def _at(samples: Sequence[LineSample], instant: float) -> LineSample:
    return min(samples, key=lambda sample: abs(sample.at - instant))
