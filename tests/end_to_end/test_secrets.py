"""Keys are read from the environment or files, and appear only in the Authorization header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.server import EmbeddedServer
from conformance.target.secrets import Redactor
from conformance.target.target import Target
from tests.support.in_process import call
from tests.support.leaks import Echoing, leaks
from tests.support.marks import broad
from tests.support.servers import (
    OTHER_KEY,
    OWN_KEY,
    FullRuns,
    Recorder,
    Run,
    canned,
    keys_for,
    recorded,
    start,
)


def test_keys_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "own.key").write_text(f"{OWN_KEY}\n", "utf-8")
    (tmp_path / "other.key").write_text(OTHER_KEY, "utf-8")
    (tmp_path / "conformance.toml").write_text("api_key_file = 'own.key'\ndepth = 'smoke'\n")
    recorder = recorded()
    with EmbeddedServer(recorder) as server:
        command = start(
            tmp_path,
            *("run", "--base-url", server.base_url, "--other-api-key-file", "other.key"),
            CONFORMANCE_API_KEY="pk_test_another",
        )
        recorder.wait_for(1)
        listed = Path(f"/proc/{command.process.pid}/cmdline").read_bytes().decode()
        ended = command.end()
    assert ended.status == 0, ended.text
    assert OWN_KEY not in listed
    assert {f"Bearer {OWN_KEY}", f"Bearer {OTHER_KEY}"} <= {
        item.authorization for item in recorder.seen
    }
    assert leaks(ended) == []


def test_a_key_as_an_argument_is_refused_without_showing_it(run: Run) -> None:
    for arguments in ((f"--api-key={OWN_KEY}",), ("--api-key", OWN_KEY)):
        ended = run("run", *arguments)
        assert ended.status == 2
        assert OWN_KEY not in ended.text


def test_a_full_run_shows_no_key(full_runs: FullRuns) -> None:
    assert leaks(full_runs.command) == []
    assert leaks(full_runs.pytest) == []


class KeyAsId(ClinicianApi):
    """Some profiles have the caller's key in their id."""

    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        body = super().list_body(context, query, data, has_more)
        for row in body["data"][::9]:
            row["id"] = context.request.headers["authorization"].removeprefix("Bearer ") + row["id"]
        return body


@pytest.mark.parametrize("depth", ["smoke", *broad("standard")])
def test_keys_that_a_target_echoes_are_in_no_report(tmp_path: Path, depth: str) -> None:
    with EmbeddedServer(recorded(Echoing())) as server:
        ended = start(tmp_path, "run", "--depth", depth, **keys_for(server.base_url)).end()
    assert ended.status == 1, ended.text
    assert "$CONFORMANCE_API_KEY" in ended.out
    assert leaks(ended) == []


def test_keys_inside_ids_are_in_no_report(tmp_path: Path) -> None:
    """Ids are compared in lower case; a key in lower case is still most of a key."""
    with EmbeddedServer(recorded(KeyAsId())) as server:
        ended = call(tmp_path, "run", "--depth", "smoke", **keys_for(server.base_url))
    assert ended.status == 1, ended.text
    assert leaks(ended) == []


def test_keys_that_a_page_or_redirect_echoes_are_in_no_report(tmp_path: Path) -> None:
    answers: dict[str, Recorder] = {
        "redirect": canned(302, "", ("location", f"https://sso.example.org/?key={OWN_KEY}")),
        "media type": canned(200, OWN_KEY, ("content-type", f"text/{OWN_KEY}")),
    }
    for name, app in answers.items():
        with EmbeddedServer(app) as server:
            ended = call(tmp_path / name, "run", **keys_for(server.base_url))
        assert ended.status == 4, ended.text
        assert leaks(ended) == []


def test_the_longer_key_is_replaced_first() -> None:
    target = Target("http://target/v1", "pk_test_a", "pk_test_ab")
    text = Redactor(target).text("one pk_test_a, two pk_test_ab, both pk_test_apk_test_ab")
    assert text == (
        "one $CONFORMANCE_API_KEY, two $CONFORMANCE_OTHER_API_KEY, "
        "both $CONFORMANCE_API_KEY$CONFORMANCE_OTHER_API_KEY"
    )
    assert "pk_test" not in repr(target)
