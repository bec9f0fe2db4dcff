"""A pack is verified without the target, and whatever is edited in it is found out and named."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conformance.acceptance import archive, claim, page, versions
from conformance.acceptance.names import (
    CLAIM,
    CONTRACT,
    MANIFEST,
    PAGE,
    REPORT,
    TRANSCRIPT,
    VERSIONS,
)
from conformance.acceptance.verify import Verification, verify
from conformance.contract.cases import Case
from conformance.report.store import FORMS
from tests.acceptance.conftest import Made, failed, passes, rewords
from tests.support.in_process import call


def states(found: Verification) -> dict[str, str]:
    return {check.file: check.state for check in found.checks}


def test_a_pack_is_verified_on_a_machine_without_network(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket is used")

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    before = sorted(made.folder.rglob("*"))
    ended = call(made.folder, "verify", "pack.zip")
    assert ended.status == 0, ended.text
    assert ended.out.startswith("Verified: pack.zip\n  partial: ")
    assert "/api-v1, smoke depth, tested 2" in ended.out
    assert "Example EHR 4.2.1 by Example Health Ltd" in ended.out
    assert "and so does every finding" in " ".join(ended.out.split())
    assert sorted(made.folder.rglob("*")) == before, "nothing is written"
    shown = json.loads(call(made.folder, "verify", "pack.zip", "--json").out)
    assert (shown["verified"], shown["verdict"]) == (True, "partial")
    warned = [check["text"] for check in shown["checks"] if check["state"] == "warning"]
    assert warned == ["the run judged the reference server of this suite, and no product"]
    assert {check["state"] for check in shown["checks"]} == {"ok", "note", "warning"}


def test_a_pack_holds_what_its_verdict_rests_on(made: Made) -> None:
    assert made.contents.keys() == {
        *FORMS, CLAIM, CONTRACT, MANIFEST, PAGE, TRANSCRIPT, VERSIONS,
    }  # fmt: skip
    for name in (REPORT, TRANSCRIPT):
        assert made.contents[name] == (made.folder / "report" / name).read_bytes()
    held = versions.read(made.contents[VERSIONS])
    assert {"schemathesis", "httpx", "jsonschema-rs"} <= held["libraries"].keys()
    assert len(held["suite"]["sha256"]) == 64


def test_packing_twice_gives_the_same_file(made: Made) -> None:
    ended = call(made.folder, "pack", "report", "--claim", "claim.yaml", "-o", "again.zip")
    assert ended.status == 0, ended.text
    one, two = ((made.folder / name).read_bytes() for name in ("pack.zip", "again.zip"))
    (made.folder / "again.zip").unlink()
    assert one == two


def test_each_file_that_differs_from_the_manifest_is_named(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    """Even if only white space was added."""
    data = {name: data + b" \n" for name, data in made.contents.items() if name != MANIFEST}
    found = verified(made.changed(tmp_path / "it.zip", data, forged=False))
    named = {item.file for item in found.checks if "its SHA-256 is not that of the" in item.text}
    assert named == data.keys()
    assert not found.verified


def prettified(made: Made, change: Callable[[Any], object]) -> dict[str, bytes]:
    """Return every form of a changed report: a forger who has the suite makes all of them."""
    result = json.loads(made.edited(change))
    made_by = versions.read(made.contents[VERSIONS])
    held = claim.read(made.contents[CLAIM])
    forms = {name: make(result) for name, make in FORMS.items()}
    return forms | {PAGE: page.render(result, held, made_by)}


def redates(result: Any) -> None:
    result["started_at"] = "2020-01-01T00:00:00Z"


def retargets(result: Any) -> None:
    result["target"]["base_url"] = "https://production.example.com/api-v1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (passes, "is passed, and the transcript leads to unselected"),
        (rewords, "reason of the report differ"),
        (redates, "started_at of the run is"),
        (retargets, "base_url of the run is"),
    ],
)
def test_a_report_that_its_transcript_contradicts_is_found_out(
    change: Callable[[Any], None],
    words: str,
    made: Made,
    tmp_path: Path,
    verified: Callable[..., Verification],
) -> None:
    """Although manifest and all forms were made again."""
    path = made.changed(tmp_path / "it.zip", prettified(made, change))
    wrong = [item for item in verified(path).checks if item.state == "failed"]
    assert {item.file for item in wrong} == {f"{REPORT}, {TRANSCRIPT}"}
    assert any(words in item.text for item in wrong)


def test_a_report_that_contradicts_itself_is_named(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    data = made.contents[REPORT].replace(b'"outcome": "unselected"', b'"outcome": "passed"', 1)
    assert "totals" in failed(verified(made.changed(tmp_path / "it.zip", {REPORT: data})))[REPORT]
    cut = made.contents[REPORT][:-200]
    assert (
        "cut short" in failed(verified(made.changed(tmp_path / "cut.zip", {REPORT: cut})))[REPORT]
    )


def test_each_form_that_does_not_follow_from_the_report_is_named(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    forms = [PAGE, *(name for name in FORMS if name != REPORT)]
    data = {name: made.contents[name] + b"\n" for name in forms}
    found = verified(made.changed(tmp_path / "it.zip", data))
    assert sorted(failed(found)) == sorted(forms)


def worsens(content: Any) -> None:
    """Let the first response be a server error."""
    content["entries"][0]["response"]["status"] = 500


def thins(content: Any) -> None:
    del content["entries"][-1]


@pytest.mark.parametrize("change", [worsens, thins])
def test_an_edited_transcript_is_named_by_its_seal(
    change: Callable[[Any], None], made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    data = made.transcript(tmp_path, change, sealed=False)
    found = verified(made.changed(tmp_path / "it.zip", {TRANSCRIPT: data}))
    assert "it was edited" in failed(found)[TRANSCRIPT]


@pytest.mark.parametrize("change", [worsens, thins])
def test_a_transcript_that_was_sealed_again_contradicts_its_report(
    change: Callable[[Any], None], made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    data = made.transcript(tmp_path, change)
    found = verified(made.changed(tmp_path / "it.zip", {TRANSCRIPT: data}))
    assert "one of the two was edited" in failed(found)[f"{REPORT}, {TRANSCRIPT}"]


def test_a_transcript_that_breaks_the_suite_is_named(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    """Its seal is right, and its content is of other types."""

    def spoils(content: Any) -> None:
        content["run"] |= {"max_wait": {"a": 1}, "rate": 7}

    data = made.transcript(tmp_path, spoils)
    found = verified(made.changed(tmp_path / "it.zip", {TRANSCRIPT: data}))
    assert "cannot be judged again" in failed(found)[TRANSCRIPT]


def test_a_transcript_that_is_nested_deeply_is_named(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    data = b'{"log": {"entries": [' + b"[" * 900 + b"]" * 900 + b"]}}"
    for text in (data, data.replace(b"[" * 900, b"[" * 90_000)):
        found = verified(made.changed(tmp_path / "it.zip", {TRANSCRIPT: text}))
        assert list(failed(found)) == [TRANSCRIPT]


def test_another_contract_is_named(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    data = made.contents[CONTRACT].replace(b"level: must", b"level: should", 1)
    found = verified(made.changed(tmp_path / "it.zip", {CONTRACT: data}))
    assert list(failed(found)) == [CONTRACT]


def test_another_claim_is_named_by_the_page(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    data = made.contents[CLAIM].replace(b"4.2.1", b"5.0.0")
    found = verified(made.changed(tmp_path / "it.zip", {CLAIM: data}))
    assert CLAIM in failed(found)[PAGE]


def test_an_expired_claim_verifies_with_a_warning(
    made: Made, verified: Callable[..., Verification]
) -> None:
    found = verified(made.folder / "pack.zip", today=date(2999, 6, 1))
    assert found.verified
    assert states(found)[CLAIM] == "warning"
    assert states(verified(made.folder / "pack.zip", today=date(2999, 5, 31)))[CLAIM] == "ok"


def test_a_pack_without_a_claim_says_so(made: Made, tmp_path: Path, cases: list[Case]) -> None:
    ended = call(tmp_path, "pack", str(made.folder / "report"), "-o", "it.zip")
    assert ended.status == 0, ended.text
    found = verify(tmp_path / "it.zip", lambda: cases)
    assert found.verified
    assert "makes no claim" in {check.file: check.text for check in found.checks}[CLAIM]
    assert b"This pack makes no claim" in archive.unpacked(tmp_path / "it.zip")[PAGE]


def test_an_edited_pack_ends_with_status_1(made: Made, tmp_path: Path) -> None:
    made.changed(tmp_path / "it.zip", {"junit.xml": b"<testsuites/>\n"}, forged=False)
    ended = call(tmp_path, "verify", "it.zip")
    assert ended.status == 1
    assert ended.out.startswith("Not verified: it.zip\n  claims to be partial: ")
    assert "junit.xml: it was edited" in ended.out
