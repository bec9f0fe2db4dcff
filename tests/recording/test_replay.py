"""Replays of transcripts."""

from __future__ import annotations

import ast
import json
import os
import signal
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import suite
from conformance.contract.cases import Case, Depth
from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.faults.unjudgeable.servers import UnjudgeableServer
from conformance.proof import catalogue
from conformance.proof.catalogue import CORRECT
from conformance.proof.trial import serving
from conformance.recording import har, seal
from conformance.reference.server import EmbeddedServer
from conformance.report.store import FORMS
from conformance.running.run import run
from conformance.running.settings import Settings
from conformance.target.target import Target
from tests.support.marks import broad
from tests.support.other_stack import other_stack
from tests.support.replaying import TIMES, again, same
from tests.support.resolving import settings_from
from tests.support.servers import (
    OTHER_KEY,
    OWN_KEY,
    FullRuns,
    Recorder,
    keys_for,
    recorded,
    red,
    start,
)

FAULTS = {fault.name for fault in catalogue.load(load()).faults}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def of(target: Target, **changes: Any) -> Settings:
    return replace(
        Settings(
            target.base_url,
            target.own_key,
            target.other_key,
            report_dir=Path("recorded"),
            seed=3,
            transcript=True,
        ),
        **changes,
    )


def serve(name: str) -> AbstractContextManager[Target]:
    if name == CORRECT.name:
        return serving(CORRECT)
    whole = catalogue.load(load())
    entries: list[catalogue.Entry] = [*whole.faults, *whole.lawful, *whole.unjudgeable]
    (entry,) = (item for item in entries if item.name == name)
    return entry.serve() if isinstance(entry, UnjudgeableServer) else serving(entry)


def of_areas() -> list[str]:
    """Return a fault of every second area, from the middle of its faults."""
    areas: dict[str, list[str]] = {}
    for fault in catalogue.load(load()).faults:
        areas.setdefault(str(fault.requirement).split("-", maxsplit=1)[0], []).append(fault.name)
    return [names[len(names) // 2] for names in list(areas.values())[::2]]


@pytest.mark.parametrize(
    "name",
    [
        *broad(*of_areas(), "foreign-is-slower", "foreign-retrieved-the-second-time"),
        "correct",
        # A group that is parted, and a cookie that is sent back.
        *broad("session-selects-the-organisation"),
        *broad("forwarded-port-is-no-number", "etag-of-profile-serves-any-key"),
        # Texts that are hard to mask: in other scripts, like code, repeated, or invalid.
        *broad(
            "awkward-texts",
            "tagged-addresses",
            "no-latin-names",
            "all-alike",
            "many-clinicians",
            "calendar-token-is-shown",
        ),
        *broad("inactive-ids-are-prefixed", "stemming-search"),
        # Words that a search drops or guesses, and a request that always fails at the gateway.
        *broad("drops-words-of-its-own", "guesses-at-misspellings", "nul-crashes-behind-gateway"),
        *broad(
            "percent-sign-ends-the-process", "not-found-declares-more", "line-feed-follows-profiles"
        ),
        *("cut-mid-body", "dead-port", "other-json", "login-page"),
    ],
)
def test_a_replay_gives_the_same_report(name: str, cases: list[Case]) -> None:
    """Without the server and without a key."""
    with serve(name) as target:
        one = run(of(target), cases)
    two = again(cases)
    same(one, two)
    assert seal.load(Path("recorded", har.NAME))["run"]["masked"]
    assert not Path("replayed", har.NAME).exists()
    if name == "correct":
        assert (one.verdict, one.result["requests"]["reused"] > 0) == ("conformant", True)
    elif name in ("dead-port", "cut-mid-body"):
        assert one.verdict == "untestable"
    elif name in FAULTS:
        assert red(one.result)


@pytest.mark.parametrize(
    "switches", broad(((150, 40),), ((150, 40, "foreign readable"),), ((7, 3, "limit uncapped"),))
)
def test_a_replay_of_another_stack_gives_the_same_report(
    switches: tuple[Any, ...], cases: list[Case]
) -> None:
    with other_stack(*switches) as target:
        one = run(of(target), cases)
    same(one, again(cases))
    assert (one.verdict == "conformant") is (len(switches) == 2)
    assert "example.nhs.uk" not in Path("recorded", har.NAME).read_text("utf-8")


@pytest.mark.broad
@pytest.mark.parametrize("name", ["search-at-location-drops-active", "correct"])
def test_generated_queries_are_replayed(name: str, cases: list[Case]) -> None:
    """The same seed and responses lead to the same queries, and to the same simplest one that fails."""
    chosen = [case for case in cases if case.requirement in ("FIL-17", "FIL-18", "LIM-17")]
    with serve(name) as target:
        one = run(of(target, depth=Depth.DEEP), chosen)
    same(one, again(chosen))
    assert bool(red(one.result)) is (name != "correct")
    assert one.result["requests"]["by_identity"]["own"] > 100


@pytest.mark.broad
def test_a_large_directory_is_replayed(cases: list[Case]) -> None:
    """Its slices are chosen by words in the data, which the notes hold."""
    with EmbeddedServer(clinicians=3000) as server:
        one = run(of(Target(server.base_url, server.own_key, server.other_key)), cases)
    assert one.result["directory"]["slices"]
    same(one, again(cases))


def test_no_case_reads_hidden_texts_itself() -> None:
    """Cases relate texts and terms through the notes: a replay has nothing else."""
    noted = {"SEARCHED", "TELLING", "Lexicon", "guessed", "holders", "holding"}
    noted |= {"holders_of_any", "joined_by", "neighbours"}
    modules = tuple(f"conformance.directory.{name}" for name in ("lexicon", "searched", "phrases"))
    for path in sorted(Path(suite.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                {name.name for name in node.names} if isinstance(node, ast.ImportFrom) else set()
            )
            if isinstance(node, ast.ImportFrom) and node.module in modules:
                assert names <= noted, f"{path.name} imports {names - noted}"
            assert "folded" not in names
            assert not (isinstance(node, ast.Import) and node.names[0].name == "unicodedata")


@pytest.mark.broad
def test_a_limit_on_requests_is_reached_again_in_a_replay(cases: list[Case]) -> None:
    with serve("correct") as target:
        one = run(of(target, other_api_key=None, max_requests=25), cases)
    assert "--max-requests" in json.dumps(one.result["requirements"])
    assert one.result["requests"]["by_identity"]["own"] == 25
    same(one, again(cases, max_requests=300, seed=0))


@pytest.mark.broad
def test_incidents_count_in_a_replay_too(cases: list[Case]) -> None:
    """Responses to a second attempt, and a request without a response."""
    inner = recorded()

    async def stumbling(scope: Any, receive: Any, send: Any) -> None:
        seen = len(inner.seen)
        if seen in (40, 41) or b"search=zq%00x" in scope["query_string"]:
            inner.seen.append(inner.seen[-1])
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await inner(scope, receive, send)

    with EmbeddedServer(Recorder(stumbling)) as server:
        one = run(of(Target(server.base_url, OWN_KEY, OTHER_KEY)), cases)
    assert 2 <= one.result["requests"]["incidents"] <= 8
    same(one, again(cases))


def test_the_command_replays_without_network_and_keys(full_runs: FullRuns, tmp_path: Path) -> None:
    folder = full_runs.command.folder
    path = next((folder / "reports").glob("*/" + har.NAME))
    variables = {"CONFORMANCE_API_KEY": "with a space", "CONFORMANCE_SEED": "9"}
    ended = start(tmp_path, "run", "--replay", str(path), **variables).end()
    assert ended.status == full_runs.command.status == 0, ended.text
    assert "nothing is sent" in ended.out
    assert {**ended.report(), **TIMES} == {**full_runs.command.report(), **TIMES}


def test_a_run_writes_a_transcript_unless_it_is_turned_off(
    tmp_path: Path, cases: list[Case]
) -> None:
    """A report folder holds the transcript of its own run or none: an earlier one is removed."""
    keys = keys_for("http://127.0.0.1:9/v1")
    settings = replace(settings_from(tmp_path, {}, keys), report_dir=Path("recorded"))
    assert settings.transcript
    run(settings, cases)
    assert Path("recorded", har.NAME).exists()
    without = settings_from(tmp_path, {}, keys | {"CONFORMANCE_TRANSCRIPT": "false"})
    run(replace(without, report_dir=Path("recorded")), cases)
    assert {path.name for path in Path("recorded").iterdir()} == {*FORMS}


def test_a_replay_keeps_its_transcript(cases: list[Case]) -> None:
    """Even if the report is written to its folder; a transcript of another run is removed."""
    for port in (9, 10):
        target = Target(f"http://127.0.0.1:{port}/v1", OWN_KEY)
        run(of(target, report_dir=Path(f"recorded-{port}")), cases)
    one, two = (Path(f"recorded-{port}", har.NAME) for port in (9, 10))
    again(cases, replay=one, report_dir=one.parent)
    assert one.exists()
    again(cases, replay=one, report_dir=two.parent)
    assert not two.exists()


@pytest.mark.broad
@pytest.mark.parametrize("show", [False, True])
def test_a_transcript_says_whether_its_data_are_masked(cases: list[Case], show: bool) -> None:
    with serve("email-not-searched") as target:
        one = run(of(target, show_data=show), cases)
    assert one.verdict == "non-conformant"
    same(one, again(cases, show_data=show))
    held = seal.load(Path("recorded", har.NAME))
    assert held["run"]["masked"] is not show
    assert ("example.nhs.uk" in json.dumps(held)) is show
    said: list[str] = []
    settings = Settings(replay=Path("recorded", har.NAME), report_dir=Path("replayed"))
    run(replace(settings, show_data=True), cases, announce=said.append)
    assert ("its data was not recorded" in said[0]) is not show


@pytest.mark.parametrize("after", [80, *broad(1)])
def test_a_replay_of_an_interrupted_run_is_interrupted_at_the_same_request(
    tmp_path: Path, cases: list[Case], after: int
) -> None:
    recorder = recorded(latency_ms=40)
    with EmbeddedServer(recorder) as server:
        command = start(tmp_path, "run", "--report-dir", "recorded", **keys_for(server.base_url))
        recorder.wait_for(after)
        os.kill(command.process.pid, signal.SIGINT)
        ended = command.end(15)
    assert ended.status == 130, ended.text
    two = again(cases)
    one = ended.report("recorded")
    assert (two.exit_status, two.result["requests"]) == (130, one["requests"])
    assert two.result["requirements"] == one["requirements"]
    assert two.result["verdict"] == "incomplete"


@pytest.fixture(scope="module")
def sound(full_runs: FullRuns) -> bytes:
    return next((full_runs.command.folder / "reports").glob("*/" + har.NAME)).read_bytes()


# Incomplete transcripts


def test_a_request_missing_from_the_transcript_is_inconclusive(
    sound: bytes, cases: list[Case]
) -> None:
    Path("it.har").write_bytes(sound)
    content = seal.load(Path("it.har"))
    cut = next(
        index
        for index, entry in enumerate(content["entries"])
        if entry[seal.OURS]["credential"] == "a key never issued"
    )
    del content["entries"][cut]
    content["run"] |= {"contract": "0" * 64, "suite": "0.0.1"}
    Path("recorded").mkdir()
    seal.save(content, Path("recorded", har.NAME))
    said: list[str] = []
    settings = Settings(replay=Path("recorded", har.NAME), report_dir=Path("replayed"))
    result = run(settings, cases, announce=said.append).result
    assert "recorded under another contract" in said[0]
    assert "by version 0.0.1" in said[0]
    doubts = {
        row["id"]: row["reason"]
        for row in result["requirements"]
        if row["outcome"] == "inconclusive"
    }
    assert "AUTH-03" in doubts
    assert all(
        "the transcript does not contain this request" in str(why) for why in doubts.values()
    )
    assert (result["verdict"], result["exit_status"]) == ("incomplete", 3)


def test_a_question_missing_from_the_notes_is_inconclusive(sound: bytes, cases: list[Case]) -> None:
    """For example, if a newer suite relates the texts in another way."""
    Path("it.har").write_bytes(sound)
    content = seal.load(Path("it.har"))
    assert 10 < len(content["run"]["notes"]) < 200
    content["run"]["notes"] = {}
    Path("recorded").mkdir()
    seal.save(content, Path("recorded", har.NAME))
    result = again(cases).result
    doubts = {
        row["id"]: row["reason"]
        for row in result["requirements"]
        if row["outcome"] == "inconclusive"
    }
    assert {"SRCH-01", "SRCH-05", "SRCH-09", "ORG-07"} <= set(doubts)
    # Without words no search is sent, so that no page of results can be judged.
    hidden = (
        "has no note on this",
        "no page of a search was as long",
        "no page of a search was seen",
    )
    assert all(any(why in str(doubt) for why in hidden) for doubt in doubts.values())
    assert not red(result)
    del content["run"]["notes"]
    seal.save(content, Path("recorded", har.NAME))
    with pytest.raises(UsageError, match=r"is refused: its _conformance member lacks .*notes"):
        again(cases)


def test_an_empty_transcript_is_untestable(cases: list[Case], sound: bytes) -> None:
    Path("it.har").write_bytes(sound)
    Path("recorded").mkdir()
    seal.save(seal.load(Path("it.har")) | {"entries": []}, Path("recorded", har.NAME))
    report = again(cases)
    assert report.verdict == "untestable"
    assert "does not contain" in report.reason
