"""The benchmarks' page."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.measuring import Command
from tests.benchmarks.report import Section, Table, as_markdown, compare, merged, shown

ORDER = ("throughput", "memory")


def test_a_peer_that_is_faster_is_named_with_its_figure() -> None:
    sentence = compare("Rate", 900.0, {"awscrt": 1015.0, "boto3": 204.0}, unit="MiB/s", more_is_better=True)

    assert sentence == "**Rate: recorder is behind** awscrt (1,015) with 900 MiB/s."


def test_less_is_better_where_it_is_said_so() -> None:
    sentence = compare("Processor time", 4.0, {"awscrt": 6.0, "boto3": 27.0}, unit="s", more_is_better=False)

    assert sentence == "Processor time: recorder leads, 1.50 times as good as the best peer, awscrt (6 s)."


def test_whoever_is_equal_is_not_ahead() -> None:
    assert "leads" in compare("Rate", 500.0, {"rclone": 500.0}, unit="MiB/s", more_is_better=True)


def test_measuring_one_thing_again_leaves_the_others_as_they_are() -> None:
    page = merged("", {"memory": "old memory", "throughput": "old throughput"}, ORDER)

    page = merged(page, {"memory": "new memory"}, ORDER)

    assert page.index("old throughput") < page.index("new memory")
    assert "old memory" not in page
    assert page == merged(page, {}, ORDER)


def test_a_section_shows_table_verdicts_and_commands() -> None:
    table = Table("1 GiB", ["uploader", "MiB/s"], [["recorder", "7"]], ["**behind**"])

    text = as_markdown(Section("Throughput", "How.", [table], {"recorder": "upload talk.wav"}), rounds=5)

    assert "| uploader | MiB/s |\n| --- | --- |\n| recorder | 7 |\n\n- **behind**" in text
    assert "upload talk.wav  # recorder" in text
    assert "5 rounds" in text


def test_commands_name_no_folder_of_this_computer(tmp_path: Path) -> None:
    file = tmp_path / "talk.wav"
    file.touch()
    command = Command([sys.executable, str(file), "http://127.0.0.1:9/", ""])

    assert shown(command, {"http://127.0.0.1:9": "$SINK"}) == 'python talk.wav $SINK/ ""'
