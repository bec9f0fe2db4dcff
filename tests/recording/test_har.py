"""The transcript as a file: its content, and the files that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import NotHeld, UsageError
from conformance.faults.unjudgeable.stub import Stub, message
from conformance.http.exchange import Exchange
from conformance.http.request import Request, Turn
from conformance.recording import har, seal
from conformance.reference.server import EmbeddedServer
from conformance.running.run import run
from conformance.running.settings import Settings
from conformance.target.credentials import CREDENTIALS
from conformance.target.secrets import Redactor
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.in_process import call
from tests.support.leaks import Echoing, leaks
from tests.support.replaying import written
from tests.support.servers import OWN_KEY, Ended, FullRuns, keys_for, recorded

Content = dict[str, Any]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# Refused files


@pytest.fixture(scope="module")
def sound(full_runs: FullRuns) -> bytes:
    return next((full_runs.command.folder / "reports").glob("*/" + har.NAME)).read_bytes()


def refused(data: bytes) -> str:
    Path("it.har").write_bytes(data)
    with pytest.raises(UsageError) as caught:
        run(Settings(replay=Path("it.har"), report_dir=Path("replayed")), [])
    assert not Path("replayed").exists()
    line = str(caught.value)
    assert line.startswith("--replay: it.har is refused: ")
    assert "\n" not in line
    return line


def test_a_truncated_transcript_is_refused(sound: bytes) -> None:
    for tenth in range(10):
        line = refused(sound[: len(sound) * tenth // 10])
        assert "it is empty" in line if tenth == 0 else "cut short" in line
    assert "cut short" in refused(sound[:-2])


def _a_letter_of_a_body(log: Content) -> None:
    contents = (entry["response"]["content"] for entry in log["entries"])
    content = next(item for item in contents if "Dr " in item["text"])
    content["text"] = content["text"].replace("Dr ", "Mr ", 1)


def _one_out(log: Content) -> None:
    del log["entries"][7]


def _one_out_and_counted(log: Content) -> None:
    del log["entries"][7]
    log[seal.OURS]["count"] -= 1


def _two_in_another_order(log: Content) -> None:
    log["entries"][3:5] = reversed(log["entries"][3:5])


def _another_seed(log: Content) -> None:
    log[seal.OURS]["run"]["seed"] += 1


def _another_key(log: Content) -> None:
    log["entries"][1]["request"]["headers"][-1]["value"] = "Bearer $CONFORMANCE_OTHER_API_KEY"


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (_a_letter_of_a_body, "does not match its SHA-256"),
        (_one_out, "should hold"),
        (_one_out_and_counted, "does not match its SHA-256"),
        (_two_in_another_order, "does not match its SHA-256"),
        (_another_seed, "does not match its SHA-256"),
        (_another_key, "does not match its SHA-256"),
        (lambda log: log[seal.OURS].update(format=3), "has format 3"),
        (lambda log: log.pop(seal.OURS), "this suite did not write it"),
        (lambda log: log.pop("entries"), "it is not a HAR"),
    ],
)
def test_an_edited_transcript_is_refused(
    sound: bytes, edit: Callable[[Content], Any], why: str
) -> None:
    content = json.loads(sound)
    edit(content["log"])
    assert why in refused(json.dumps(content).encode())


def test_a_file_that_is_not_a_transcript_is_refused(tmp_path: Path, sound: bytes) -> None:
    assert "not a HAR" in refused(b"[]")
    assert "not UTF-8" in refused(b"\xff\xfe")
    assert "not JSON" in refused(b"[" * 200_000)
    assert "'log' twice" in refused(sound.replace(b'{"log"', b'{"log": {}, "log"', 1))
    ended = call(tmp_path, "run", "--replay", "nowhere.har")
    assert ended.status == 2
    assert "--replay: nowhere.har is refused: it cannot be read: No such file" in ended.complaint()


def test_white_space_between_members_is_no_edit(sound: bytes) -> None:
    Path("it.har").write_bytes(json.dumps(json.loads(sound), indent=2, sort_keys=True).encode())
    assert len(har.read(Path("it.har")).entries) > 100


# The content of the file


@pytest.mark.parametrize(
    "body",
    ["", "\0 and \x1f", "\ufeff{}", "😀 é \u2028", b"\xff\xfe\0", b"\xed\xa0\x80", b'{"a": 1'],
)
def test_bodies_are_read_back_byte_for_byte(body: str | bytes) -> None:
    data = body.encode() if isinstance(body, str) else body
    head = message("200 OK", "", "text/plain", "X-Odd: caf\xe9").replace(b"length: 0", b"")
    answer = head.replace(b"Content-Length: 0\r\n", b"") + data
    request = Request(
        query=(("search", "a&b=\0é"), ("search", b"\xff\0"), ("sort[]", "")),
        headers=(("Accept", "text/html"),),
        repeat="a second look",
        in_turn=Turn.ALONE,
    )
    with Stub(lambda _: answer) as target, client_to(target) as client:
        (one,) = client.ask([request])
        with written(client) as second:
            (two,) = second.ask([request])
            (none,) = second.ask([replace(request, repeat="")])
    assert isinstance(one, Exchange)
    assert isinstance(two, Exchange)
    assert one.body == data
    assert two == one
    assert (two.elapsed, two.at, two.started_at) == (one.elapsed, one.at, one.started_at)
    assert isinstance(none, NotHeld)
    assert second.sent == client.sent


@pytest.mark.parametrize(("key", "cased"), [("pk_test_Ab12", True), ("123456789", False)])
def test_a_transcript_says_which_credentials_apply(key: str, cased: bool) -> None:
    with client_to(Target("http://127.0.0.1:9/v1", key)) as client, written(client) as second:
        assert key not in Path("it.har").read_text()
        assert second.target.other_key is None
        assert (second.target.own_key.swapcase() != second.target.own_key) is cased


@pytest.mark.parametrize("key", ["pk_test_Ab12Cd34", "Ab12Cd34Ef56", f"pk_live_{'x1' * 12}"])
def test_shell_commands_do_not_depend_on_the_key(key: str) -> None:
    """Otherwise a replay, which has no key, would show commands that send another one."""
    redactor = Redactor(Target("http://target/v1", key, f"{key}0"))
    shells = [item.shell for item in CREDENTIALS.values() if item.shell is not None]
    assert [redactor.text(shell) for shell in shells] == shells


def records(value: Any) -> Iterator[Any]:
    for item in value:
        assert {"name", "value"} <= set(item)
        yield from (item["name"], item["value"])


def test_the_file_is_har_1_2(sound: bytes) -> None:
    """The members that HAR 1.2 requires, with their types."""
    log = json.loads(sound)["log"]
    assert log["version"] == "1.2"
    assert {"name", "version"} <= set(log["creator"])
    assert log["entries"]
    for entry in log["entries"]:
        assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
        assert entry["time"] >= 0
        assert entry["cache"] == {}
        timings = entry["timings"]
        parts = [timings[name] for name in ("send", "wait", "receive")]
        assert sum(parts) == entry["time"]
        assert all(part >= 0 for part in parts)
        request, response = entry["request"], entry["response"]
        for side in (request, response):
            assert isinstance(side["httpVersion"], str)
            assert side["cookies"] == []
            assert isinstance(side["headersSize"], int)
            assert isinstance(side["bodySize"], int)
            assert all(isinstance(text, str) for text in records(side["headers"]))
        assert request["url"].startswith("http://127.0.0.1:")
        assert isinstance(request["method"], str)
        assert all(isinstance(text, str) for text in records(request["queryString"]))
        assert isinstance(response["status"], int)
        assert isinstance(response["statusText"], str)
        assert isinstance(response["redirectURL"], str)
        assert isinstance(response["content"]["size"], int)
        assert isinstance(response["content"]["mimeType"], str)
        assert isinstance(response["content"]["text"], str)
    authorizations = {
        item["value"]
        for entry in log["entries"]
        for item in entry["request"]["headers"]
        if item["name"] == "Authorization"
    }
    assert {"Bearer $CONFORMANCE_API_KEY", "Bearer $CONFORMANCE_OTHER_API_KEY"} <= authorizations


def test_a_request_without_a_response_has_its_error() -> None:
    with client_to(Target("http://127.0.0.1:9/v1", OWN_KEY)) as client:
        client.ask([Request()])
        written(client).close()
    (entry,) = json.loads(Path("it.har").read_bytes())["log"]["entries"]
    assert entry["response"]["status"] == 0
    assert "no connection" in entry["response"]["_error"]
    assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None


def test_keys_that_a_target_echoes_are_not_in_the_transcript(tmp_path: Path) -> None:
    with EmbeddedServer(recorded(Echoing())) as server:
        ended: Ended = call(tmp_path, "run", "--depth", "smoke", **keys_for(server.base_url))
    assert (tmp_path / "reports" / "latest" / har.NAME).exists()
    assert leaks(ended) == []
