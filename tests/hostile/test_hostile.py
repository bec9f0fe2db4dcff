"""Whatever a target sends, a run ends with a verdict on the target.

``make fuzz`` makes as many runs as time allows. It prints the seed of one that breaks an invariant, and how
to make that run again; what it shows becomes a small test of the part of the suite that is to blame.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, cast
from unittest import mock

import pytest

from conformance.report.model import Result
from conformance.target.secrets import Redactor
from tests.hostile import __main__ as fuzz
from tests.hostile import runs
from tests.hostile.invariants import _page, _secrets, _shell, same
from tests.hostile.runs import KINDS, RESPONSES, Cost, bounded, command, single, whole
from tests.hostile.spoiling import _LONGEST, SPOILERS, Answer, spoilt
from tests.support.processes import OWN_KEY


@pytest.mark.parametrize("number", range(2))
def test_single_responses(number: int) -> None:
    assert 1 <= single(f"single {number}").responses <= RESPONSES


@pytest.mark.parametrize("number", range(3))
def test_whole_runs(number: int) -> None:
    assert whole(f"whole {number}").responses


@pytest.mark.parametrize("number", [0, 3])
def test_the_command_on_a_server_that_spoils_its_responses(number: int) -> None:
    assert command(f"command {number}").responses


def test_the_same_seed_spoils_in_the_same_way() -> None:
    plain = Answer(200, (("content-type", "application/json"),), b'{"data": [{"name": "a"}]}')
    made = [[spoilt(Random(seed), plain) for seed in range(200)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > 150


def test_no_body_outgrows_the_harness() -> None:
    """Members that are repeated again and again once took 13 GB."""
    plain = Answer(200, (), b'{"data": [[[{"name": "a"}, 1]], [{"b": [[]]}]]}')
    for number in range(20):
        random, answer = Random(number), plain
        for _ in range(6):
            answer = SPOILERS[0](random, answer)
        assert len(answer.body) <= 4 * _LONGEST


def _differ(one: list[Any], two: list[Any]) -> None:
    same(cast("Result", {"a": one}), cast("Result", {"a": two}))


BROKEN: dict[str, Callable[[], object]] = {
    "an element of the target in a page": lambda: _page("<p><img src=x></p><script></script>"),
    "a script of the target in a page": lambda: _page("<script></script><script></script>"),
    "a handler of the target in a page": lambda: _page("<script></script><p onclick=x></p>"),
    "a second command": lambda: _shell("curl x; touch y"),
    "a command in double quotes": lambda: _shell('curl "$(touch y)"'),
    "a command in backticks": lambda: _shell("curl `touch y`"),
    "a second line": lambda: _shell("curl x\ntouch y"),
    "a replay that differs": lambda: _differ([1, {"b": 2}], [1, {"b": 3}]),
    "time beyond the bound": lambda: bounded(lambda: sum(range(3_000_000))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_invariant_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SECONDS", 0.001)
    with pytest.raises(AssertionError):
        BROKEN[name]()


def test_memory_beyond_the_bound_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MEBIBYTES", 50)
    with pytest.raises(AssertionError, match="MiB of memory"):
        bounded(lambda: len(bytearray(b"x") * (100 << 20)))


@pytest.mark.parametrize("text", [OWN_KEY, OWN_KEY.upper(), OWN_KEY[:-3], "Dr Ann Berg"])
def test_a_key_and_a_name_in_a_file_are_seen(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(f'{{"a": "x{text}"}}', "utf-8")
    with pytest.raises(AssertionError, match="in report"):
        _secrets(tmp_path, ["dr ann berg"])


@pytest.mark.broad
def test_a_suite_that_does_not_redact_breaks_an_invariant() -> None:
    with (
        mock.patch.object(Redactor, "text", lambda _, text: text),
        mock.patch.object(Redactor, "bytes", lambda _, data: data),
        pytest.raises(AssertionError, match="a key in"),
    ):
        single("single 3")


def test_the_seed_of_a_broken_run_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(seed: str) -> Cost:
        raise AssertionError(f"{seed} is broken")

    monkeypatch.setitem(KINDS, "single", broken)
    counts = fuzz.Counts()
    counts.add("single 7-0", fuzz.attempt("single 7-0"))
    counts.add("whole 7-1", Cost(2.5, 40, 90))
    assert "single 7-0 is broken" in (printed := capsys.readouterr().out)
    assert "--only 'single 7-0'" in printed
    assert counts.broken == ["single 7-0"]
    assert "1 complete runs" in counts.text()
    assert (
        "at most 2.5 s (whole 7-1) and 40 MiB (whole 7-1); 1 with a broken invariant"
        in counts.text()
    )
