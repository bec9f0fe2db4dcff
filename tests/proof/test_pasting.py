"""Reproductions are pasted into bash, and print on the faulty server what they say."""

from __future__ import annotations

import pytest

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.proof import catalogue, pasting
from conformance.proof.paste import Pasted, absent, checks, paste
from conformance.proof.pasting import ALIKE, ALONE, SHOWN, UNCHECKED, WRONG, attempt, outcome
from conformance.proof.trial import collect
from conformance.target.target import Target
from tests.support.marks import broad

TARGET = Target("http://127.0.0.1:9/api-v1", "pk_test_own", "pk_test_other")
needs_tools = pytest.mark.skipif(bool(absent()), reason=f"not installed: {', '.join(absent())}")


def test_the_checks_are_the_comments_that_say_what_is_printed() -> None:
    lines = [
        "curl one",
        "# received 404",
        "# records: expected 3, at most, received 4",
        "# meta.limit: received null",
        "# look for: expected a; received b",
        "# This does not show each time: the same request printed 200 in exchange 4. Repeat it:",
    ]
    assert checks(lines) == ("404", "4", "null")


@needs_tools
def test_lines_are_run_with_the_keys_and_compared() -> None:
    lines = ['printf "%s\\n" "$CONFORMANCE_API_KEY"', "# received pk_test_own", "echo http://old"]
    pasted = paste(lines, TARGET, base_url="http://old")
    assert pasted.printed == ("pk_test_own", TARGET.base_url)
    assert not pasted.shows
    assert paste(lines[:2], TARGET).shows
    assert not paste(["true"], TARGET).shows


def test_without_the_tools_the_paste_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "jq" else name)
    with pytest.raises(UsageError, match="jq"):
        pasting.main((), 1, None)


def test_lines_must_show_a_defect_on_a_server_started_afresh_and_not_on_a_correct_one() -> None:
    shown = Pasted(("404", "200"), ("404", "200"), "")
    other = Pasted(("404", "200"), ("404", "404"), "")
    none = Pasted((), ("a", "b"), "")
    assert outcome(["# received 200"], shown, shown, other) == (SHOWN, "")
    assert outcome(["# received 200"], shown, shown, shown)[0] == ALIKE
    assert outcome(["# received 200"], other, shown, other)[0] == WRONG
    kind, detail = outcome(["# received 200"], shown, other, other)
    assert kind == WRONG
    assert "started afresh ('404', '404')" in detail
    assert outcome(["# look for: a"], none, none, none)[0] == UNCHECKED
    assert outcome(["# This does not show each time: b"], other, other, shown)[0] == ALONE


@needs_tools
@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("everyone-retrieved", Depth.SMOKE),
        *broad(
            ("letter-case-counts-in-display-name", Depth.STANDARD),
            ("retrieve-cached-by-url", Depth.STANDARD),
            ("ties-are-shuffled", Depth.STANDARD),
            ("last-retrieve-cached-by-url", Depth.STANDARD),
            ("last-read-comes-first", Depth.STANDARD),
            ("offset-is-remembered", Depth.STANDARD),
            ("request-ids-run-out", Depth.STANDARD),
            ("list-holds-two-foreign", Depth.STANDARD),
            ("deep-pages-lose-records", Depth.STANDARD),
        ),
    ],
)
def test_each_reproduction_of_a_fault_shows_it(name: str, depth: Depth) -> None:
    (fault,) = (item for item in catalogue.load(load()).faults if item.name == name)
    attempts = attempt(fault, collect(), depth)
    assert {item.masked for item in attempts} == {True, False}
    assert [item for item in attempts if item.outcome in (WRONG, ALIKE)] == []
    assert SHOWN in {item.outcome for item in attempts}
