"""The doctor command: in every situation at most 12 requests, a clear line and an exit status."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.reference import seed
from conformance.reference.server import EmbeddedServer
from tests.support.in_process import call
from tests.support.marks import broad
from tests.support.servers import OTHER_KEY, OWN_KEY, Ended, Run, canned, keys_for, recorded
from tests.support.situations import ERROR, situations

FURTHER = frozenset(
    {
        *("ids instead of the other key", "the other key is refused", "one organisation"),
        *("missing members", "the depth smoke", "a small bound", "five pages", "slow answers"),
        *("a quota that others need", "a quota that does not suffice", "an offset that is ignored"),
        *("a quota that the examination uses up", "no quota", "many", "a leak"),
    }
)
"""Situations that differ from another one in few checks: only ``make broad`` examines them."""

NAMES = [name for name in situations() if name not in FURTHER]
ALL = [*NAMES, *broad(*sorted(FURTHER))]


class Ends(dict[str, Ended]):
    """How the examination of each situation ends; each is examined once."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        super().__init__()
        self.factory = factory

    def __missing__(self, name: str) -> Ended:
        situation = situations()[name]
        with EmbeddedServer(situation.app) as server:
            variables = keys_for(server.base_url) | dict(situation.variables)
            folder = self.factory.mktemp("doctor")
            self[name] = ended = call(folder, "doctor", "--json", **variables)
        return ended


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ended]:
    return Ends(tmp_path_factory)


def document(ended: Ended) -> dict[str, Any]:
    """Return the JSON document, checked against its schema."""
    found: dict[str, Any] = json.loads(ended.out)
    schema = json.loads((files("conformance.doctor") / "doctor.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    assert found["exit_status"] == ended.status
    return found


@pytest.mark.parametrize("name", ALL)
def test_each_situation_has_its_check_and_exit_status(ends: Mapping[str, Ended], name: str) -> None:
    situation, ended = situations()[name], ends[name]
    assert ended.status == situation.status, ended.text
    assert ended.err == ""
    checks = {check["name"]: check for check in document(ended)["checks"]}
    check = checks[situation.check]
    assert check["state"] == situation.state, check
    said = f"{check['text']} {check['advice']}"
    assert all(word in said for word in situation.words), said
    assert (check["advice"] is None) is (situation.state == "ok")


@pytest.mark.parametrize("name", ALL)
def test_the_server_receives_at_most_12_requests(ends: Mapping[str, Ended], name: str) -> None:
    situation = situations()[name]
    seen = situation.app.seen
    assert 1 <= len(seen) <= situation.most
    assert {item.method for item in seen} == {"GET"}
    assert document(ends[name])["requests"]["sent"] == len(seen)


@pytest.mark.parametrize("name", ALL)
def test_the_document_holds_no_key_and_no_personal_data(
    ends: Mapping[str, Ended], name: str
) -> None:
    people = list(seed.build().clinicians())
    personal = [
        text
        for person in people
        for text in (person.name, person.email, person.registration_number)
    ]
    ended = ends[name]
    assert OWN_KEY.lower() not in ended.text.lower()
    assert OTHER_KEY.lower() not in ended.text.lower()
    assert [text for text in personal if text and len(text) > 4 and text in ended.text] == []
    assert list(ended.folder.iterdir()) == []


def test_a_requirement_that_cannot_be_checked_names_the_missing_record(
    ends: Mapping[str, Ended],
) -> None:
    prospect = document(ends["a few"])["prospect"]
    reasons = {row["id"]: row["reason"] for row in prospect["open"]}
    assert "7 of the 21 profiles needed" in reasons["LIM-01"]
    assert {row["level"] for row in prospect["open"]} <= {"must", "should"}
    assert prospect["exact"] is True


@pytest.mark.broad
def test_the_forecast_of_a_part_of_a_directory_is_not_exact(ends: Mapping[str, Ended]) -> None:
    many = document(ends["many"])
    assert many["prospect"]["exact"] is False
    size = many["directory"]["own"]
    assert size["least"] <= 5000 <= size["most"]
    assert size["most"] - size["least"] < 4000


def test_the_quota_is_read_from_the_headers(ends: Mapping[str, Ended]) -> None:
    found = document(ends["all is well"])
    sent = found["requests"]["by_identity"]
    for name in ("own", "other"):
        assert found["quota"][name]["limit"] == 1000
        assert found["quota"][name]["remaining"] == 1000 - sent[name]
        assert found["quota"][name]["resets_at"][14:] == "00:00Z"


@pytest.mark.broad
def test_without_headers_there_is_no_quota(ends: Mapping[str, Ended]) -> None:
    assert document(ends["no quota"])["quota"] == {}


# The connection


@pytest.mark.parametrize(
    ("scheme", "words"),
    [("http", ("no connection to port", "refused", "start the server")), ("https", ("refused",))],
)
def test_a_port_without_a_server_is_a_problem(
    run_here: Run, scheme: str, words: tuple[str, ...]
) -> None:
    with socket.socket() as held:
        held.bind(
            ("127.0.0.1", 0)
        )  # bound but not listening, so that no other process uses the port
        url = f"{scheme}://127.0.0.1:{held.getsockname()[1]}/api-v1"
        ended = run_here("doctor", **keys_for(url, COLUMNS="200"))
    assert ended.status == 4, ended.text
    line = next(line for line in ended.out.splitlines() if line.startswith("problem"))
    assert line.split()[1] == "port"
    assert all(word in ended.out for word in words), ended.out
    assert "UNTESTABLE (exit status 4" in ended.out
    assert "0 requests of 12" in ended.out


def test_an_unknown_host_name_is_a_problem(run_here: Run) -> None:
    ended = run_here("doctor", "--json", **keys_for("http://no-such-host.invalid/v1"))
    assert ended.status == 4, ended.text
    check = document(ended)["checks"][-1]
    assert (check["name"], check["state"]) == ("name", "problem")
    assert "no-such-host.invalid" in check["text"]


def test_https_on_a_port_without_tls_is_a_problem(run_here: Run) -> None:
    recorder = recorded()
    with EmbeddedServer(recorder) as server:
        url = server.base_url.replace("http:", "https:")
        ended = run_here("doctor", "--json", **keys_for(url))
    assert ended.status == 4, ended.text
    check = document(ended)["checks"][-1]
    assert (check["name"], check["state"]) == ("encryption", "problem")
    assert "does not speak TLS" in check["text"]
    assert "http://" in check["advice"]
    assert recorder.seen == []


def test_a_proxy_is_named_without_its_password(run_here: Run) -> None:
    recorder = recorded()
    with EmbeddedServer(recorder) as server:
        proxy = server.base_url.removesuffix("/api-v1").replace("//", "//me:hidden@")
        ended = run_here(
            "doctor",
            "--json",
            **keys_for("http://api.example.org/api-v1", http_proxy=proxy, no_proxy=""),
        )
    first = document(ended)["checks"][0]
    assert (first["name"], first["state"]) == ("way", "ok")
    assert proxy.rpartition("@")[2] in first["text"]
    assert "hidden" not in ended.text
    assert 1 <= len(recorder.seen) <= 12


# The terminal and the command line


def test_without_a_base_url_the_embedded_server_is_examined(run: Run) -> None:
    ended = run("doctor", COLUMNS="120")
    assert ended.status == 0, ended.text
    first, *rest = ended.out.splitlines()
    assert first.startswith("No base URL is set: checking the embedded server")
    lines = [line.split() for line in rest]
    assert ["ok", "your", "key", "accepted"] in lines
    names = ("smoke", "standard", "deep")
    costs = {
        line[0]: [int(text) for text in line[1:]] for line in lines if line[:1] and line[0] in names
    }
    assert tuple(costs) == names
    assert 100 < costs["standard"][0] < 300
    assert "READY (exit status 0: every mandatory requirement can be checked)" in rest
    assert "263 profiles, all of them read" in ended.out
    assert OWN_KEY not in ended.text


@pytest.mark.broad
def test_json_output_is_one_document(run: Run) -> None:
    ended = run("doctor", "--json")
    assert document(ended)["target"]["embedded"] is True
    assert ended.err == ""


def test_invalid_settings_end_in_one_line(run_here: Run) -> None:
    ended = run_here("doctor", "--base-url", "http://127.0.0.1:9/v1")
    assert ended.status == 2
    assert "CONFORMANCE_API_KEY" in ended.complaint()
    ended = run_here("doctor", "--depth", "large")
    assert ended.status == 2
    assert "smoke, standard or deep" in ended.complaint()


def test_help_lists_the_exit_statuses_and_the_settings_of_a_run(run_here: Run) -> None:
    text = run_here("doctor", "--help").out
    shared = (
        *("base-url", "api-key-file", "other-api-key-file", "foreign-id", "location-id"),
        *("header", "ca-bundle", "client-cert", "insecure", "http2", "rate", "no-writes"),
    )
    own = ("depth", "max-requests", "seed", "json")
    assert all(f"--{flag}" in text for flag in (*shared, *own))
    assert all(f"--{flag}" in run_here("run", "--help").out for flag in shared)
    assert all(status in text for status in ("0 ready", "2 usage", "3 a run", "4 the target"))


def test_masking_a_key_of_one_letter_keeps_the_words_of_the_interface(run_here: Run) -> None:
    with EmbeddedServer(canned(401, ERROR)) as server:
        ended = run_here(
            "doctor", CONFORMANCE_BASE_URL=server.base_url, CONFORMANCE_API_KEY="a", COLUMNS="200"
        )
    assert ended.status == 4, ended.text
    assert "UNTESTABLE (exit status 4" in ended.out
    assert any(line.startswith("problem target") for line in ended.out.splitlines())
