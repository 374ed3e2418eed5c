"""Whatever somebody else answers or writes gives a sound value or one of our own errors. `make soak` looks longer."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import Target, all_targets

EXAMPLES = 40


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.name)
def test_any_bytes_give_a_sound_value_or_one_of_our_own_errors(target: Target) -> None:
    target.run(EXAMPLES)
