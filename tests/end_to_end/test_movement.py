"""Runs on a database that other clients change at the same time."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.churn import Writer
from tests.support.end_to_end import begin
from tests.support.processes import Ended
from tests.support.serving import Served, database, outcomes

VARIANTS = "tests.support.variants"
LATENCY = ("--latency-ms", "15")

LACKING = "no "
"""How a reason begins that says what the directory lacks. This one lacks nothing that a requirement needs."""

CHANGED = "no page of a search was as long as its limit"
"""A reason that begins so and comes from changes: no directory without them has shown two words."""


def side_by_side(folder: Path, plans: dict[str, tuple[str, float]]) -> dict[str, tuple[Ended, int]]:
    """Run the suite on servers, each with a writer of its own, two at a time.

    :param plans: name of the run → name of the variant (``""`` for the correct server), changes per second.
    :returns: name of the run → how it ended, and the number of changes until then.
    """
    done: dict[str, tuple[Ended, int]] = {}
    names = list(plans)
    for pair in (names[start : start + 2] for start in range(0, len(names), 2)):
        with ExitStack() as stack:
            started = []
            for seed, name in enumerate(pair):
                variant, rate = plans[name]
                own = folder / name.replace(" ", "-")
                own.mkdir()
                options = (*LATENCY, *database(own), *filter(None, [variant]))
                module = VARIANTS if variant else "conformance"
                server = stack.enter_context(Served(options, module))
                writer = stack.enter_context(
                    Writer(own / "directory.db", rate=rate, seed=seed + len(done))
                )
                started.append((name, begin(own, server.base_url), writer))
            done |= {name: (command.end(), writer.changes) for name, command, writer in started}
    return done


RATES = {"now and then": 1.0, "all the time": 25.0}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Ended, int]]:
    plans = {name: ("", rate) for name, rate in RATES.items()}
    return side_by_side(tmp_path_factory.mktemp("busy"), plans)


@pytest.mark.broad
@pytest.mark.parametrize("name", RATES)
def test_changes_by_other_users_during_a_run_are_no_finding(
    busy: dict[str, tuple[Ended, int]], name: str
) -> None:
    ended, changes = busy[name]
    report = ended.report()
    assert changes > 0
    assert outcomes(ended) == {}, ended.text
    assert ended.status in (0, 3), ended.text
    open_ones = [row for row in report["requirements"] if row["outcome"] == "inconclusive"]
    assert bool(open_ones) is (report["verdict"] == "incomplete")
    for row in open_ones:
        reason = str(row["reason"])
        assert not reason.startswith(LACKING) or CHANGED in reason


@pytest.mark.broad
def test_the_report_says_that_the_data_changed_during_the_run(
    busy: dict[str, tuple[Ended, int]],
) -> None:
    ended, changes = busy["all the time"]
    assert changes > 10
    report = ended.report()
    directory = report["directory"]
    assert directory is not None
    # Only a case that meets a change has it looked at. A run in which none did has judged everything.
    assert directory["moved"] is True or report["verdict"] == "conformant"


FAULTS = {
    "everyone-retrieved": "ORG-01",
    "search-ends-at-ten": "SRCH-12",
}


@pytest.mark.broad
@pytest.mark.parametrize("name", ["everyone-retrieved", "search-ends-at-ten"])
def test_a_fault_is_found_although_the_data_change(tmp_path: Path, name: str) -> None:
    ended, _ = side_by_side(tmp_path, {name: (name, 1.0)})[name]
    assert ended.status == 1, ended.text
    assert outcomes(ended)[FAULTS[name]] == "failed"


LARGE = ("--clinicians", "5000")


@pytest.mark.broad
def test_changes_in_a_large_directory_are_no_finding(tmp_path: Path) -> None:
    """Most changes are outside the windows, so cases must notice them by other means."""
    with (
        Served((*LATENCY, *LARGE, *database(tmp_path)), "conformance") as server,
        Writer(tmp_path / "directory.db", rate=8.0, seed=5) as writer,
    ):
        ended = begin(tmp_path, server.base_url).end()
    assert writer.changes > 3
    assert outcomes(ended) == {}
    assert ended.status in (0, 3), ended.text
    directory = ended.report()["directory"]
    assert directory is not None
    assert directory["windows"]
