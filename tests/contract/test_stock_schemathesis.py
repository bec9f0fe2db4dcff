"""A plain schemathesis run with the document and the settings beside it: it passes on lawful servers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conformance.contract.document import document_path
from conformance.faults.lawful.choices import AnswersUnprocessable, ClampsBounds
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Identity, Store

CONFIGURATION = document_path().with_name("schemathesis.toml")


class Outcome(NamedTuple):
    """The exit status of a run, its output and its report."""

    status: int
    output: str
    report: dict[str, Any]


Run = Callable[..., Outcome]


@pytest.fixture
def st_run(tmp_path: Path) -> Run:
    """Runs ``st run`` on the document in its own folder, with the settings that belong to the document."""

    def call(base_url: str, key: str, *options: str) -> Outcome:
        shutil.copy(CONFIGURATION, tmp_path)
        report = tmp_path / "report.json"
        command = [sys.executable, "-c", "from schemathesis.cli import schemathesis as st; st()"]
        command += ["--no-color", "run", str(document_path()), "--url", base_url]
        command += ["--seed", "1", "--generation-database", "none", *options]
        command += ["--report", "json", "--report-json-path", str(report)]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "CONFORMANCE_API_KEY": key},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert report.is_file(), done.stdout
        return Outcome(done.returncode, done.stdout, json.loads(report.read_text("utf-8")))

    return call


@pytest.mark.broad
def test_correct_server_passes(st_run: Run) -> None:
    """All checks are on by default. Without a limit on examples a run sends a thousand requests."""
    with EmbeddedServer(rate_limit=0) as server:
        done = st_run(server.base_url, server.own_key, "--max-examples", "20")
    assert done.status == 0, done.output
    report = done.report
    assert report["complete"] is True
    assert (report["failures"], report["errors"]) == ([], [])
    assert report["operations"]["tested"] == 2
    # Examples, coverage, fuzzing and the links that it infers from list to retrieve.
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}
    assert len(report["phases"]) == 4
    # Without these, a server that refuses or delays every request would pass too.
    assert {name: found for name, found in report["warnings"].items() if found} == {}
    accepted = report["valid_rates"]["GET /clinician-profiles"]["coverage"]["accepted"]
    assert accepted > 15


class Lenient(ClampsBounds, AnswersUnprocessable):
    """Clamps what is out of range, refuses much of what is odd, and sends lists in its headers."""

    def malformed_boolean(self, name: str, text: str) -> bool | None:  # noqa: ARG002
        return None

    def parse_search(self, text: str) -> str | None:
        if not text.isprintable() or len(text) > 20:
            raise self.invalid_parameter("search", "short and printable")
        return super().parse_search(text)

    def method_not_allowed(self) -> Refusal:
        return Refusal(501, "NOT_IMPLEMENTED", "This method is not implemented.")

    def response_headers(self, context: Context, status: int) -> dict[str, str]:
        headers = super().response_headers(context, status)
        if "X-RateLimit-Limit" in headers:
            headers["X-RateLimit-Limit"] += ", 1000;w=3600"
        return headers


@pytest.mark.broad
def test_lawful_server_that_differs_passes(st_run: Run) -> None:
    """Without the settings, a run calls it wrong for bounds, refusals and other methods."""
    api = Lenient(store := Store.seeded(), RateLimiter(1_000_000))
    with closing(store), EmbeddedServer(api) as server:
        options = ("--max-examples", "10", "--phases", "coverage,fuzzing")
        done = st_run(server.base_url, server.own_key, *options)
    assert done.status == 0, done.output
    assert (done.report["failures"], done.report["errors"]) == ([], [])


class NamelessRows(ClinicianApi):
    """Leaves the name out of every profile."""

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        return self.without_name(super().retrieve_profile(context, identity))

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        return self.without_name(super().list_profiles(context, identity))

    def without_name(self, body: Body) -> Body:
        rows = body["data"] if isinstance(body["data"], list) else [body["data"]]
        for row in rows:
            row.pop("name", None)
        return body


@pytest.mark.broad
def test_faulty_server_fails(st_run: Run) -> None:
    """The document is strict enough for a plain run to find a missing member."""
    with (
        closing(Store.seeded()) as store,
        EmbeddedServer(NamelessRows(store, RateLimiter(0))) as server,
    ):
        done = st_run(
            server.base_url, server.own_key, "--phases", "coverage", "--max-failures", "1"
        )
    assert done.status == 1, done.output
    assert [failure["code"] for failure in done.report["failures"]] == ["ST108"]  # the schema
    assert '"name" is a required property' in done.output
