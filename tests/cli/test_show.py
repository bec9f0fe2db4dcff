"""``conformance show`` prints an exchange of a transcript as HTTP text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.in_process import call


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    call(folder, "run", "--depth", "smoke", "--quiet")
    return folder


def test_an_exchange_is_shown_as_http(recorded: Path) -> None:
    ended = call(recorded, "show", "1")
    assert ended.status == 0, ended.text
    head, _, body = ended.out.partition("\n\n{")
    assert "GET /api-v1/clinician-profiles" in head
    assert "\nHTTP/1.1 200 OK\n" in head
    assert "$CONFORMANCE_API_KEY" in head
    assert json.loads("{" + body)["meta"]
    for name in ("reports/latest/transcript.har", "reports/latest/report.json"):
        assert call(recorded, "show", "1", name).out == ended.out


def test_what_cannot_be_shown_is_one_line(recorded: Path, tmp_path: Path) -> None:
    har = recorded / "reports" / "latest" / "transcript.har"
    (tmp_path / "cut.har").write_bytes(har.read_bytes()[:-99])
    (tmp_path / "edited.har").write_bytes(
        har.read_bytes().replace(b'"status": 200', b'"status": 201', 1)
    )
    (tmp_path / "foreign.har").write_text('{"log": {"entries": []}}', "utf-8")
    for arguments, why in (
        (("0", str(har)), "has exchanges 1 to "),
        (("9999", str(har)), "and no 9999"),
        (("1", "none"), "none/transcript.har cannot be shown: it cannot be read"),
        (("1", "cut.har"), "cut short"),
        (("1", "edited.har"), "edited"),
        (("1", "foreign.har"), "this suite did not write it"),
    ):
        ended = call(tmp_path, "show", *arguments)
        assert (ended.status, why in ended.complaint()) == (2, True), ended.text
    assert call(tmp_path, "show", "one").status == 2
