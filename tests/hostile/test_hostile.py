"""Whatever a target sends, a run ends with a verdict on the target.

``make fuzz`` makes as many runs as time allows. A seed that breaks an invariant is repeated with
``make fuzz ARGS="--only SEED"``, and what it shows becomes a small test.
"""

from __future__ import annotations

import pytest

from tests.hostile.runs import command, single, whole

SINGLES, WHOLE, COMMANDS = 15, 2, 3
"""Runs of each kind; they take about 30 s of processor time together."""


@pytest.mark.parametrize("first", range(0, SINGLES, 5))
def test_single_responses(first: int) -> None:
    for number in range(first, first + 5):
        single(f"single {number}")


@pytest.mark.parametrize("number", range(WHOLE))
def test_whole_runs(number: int) -> None:
    whole(f"whole {number}")


@pytest.mark.parametrize("number", range(COMMANDS))
def test_the_command_on_a_server_that_spoils_its_responses(number: int) -> None:
    command(f"command {number}")
