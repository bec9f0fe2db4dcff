"""``conformance serve``: the embedded server, or one of the catalogue, for people to try things on."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.contract.document import load
from conformance.faults.variant import joined
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.proof import catalogue
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Store
from tests.support.processes import start
from tests.support.servers import client_for


@pytest.mark.broad
def test_a_faulty_server_is_found_by_a_run(tmp_path: Path) -> None:
    serving = start(tmp_path, "serve", "--port", "0", "--fault", "full-page-means-more")
    try:
        assert serving.process.stdout is not None
        lines = [serving.process.stdout.readline().strip() for _ in range(3)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        ended = start(tmp_path / "run", "run", **exported).end()
    finally:
        serving.process.terminate()
        serving.process.communicate()
    assert ended.status == 1, ended.text
    failed = {row["id"] for row in ended.report()["requirements"] if row["outcome"] == "failed"}
    assert "PAG-03" in failed


def test_one_server_has_several_faults() -> None:
    chosen = ("word-for-limit-breaks-the-server", "active-by-default")
    variants = {item.name: item for item in catalogue.load(load()).faults}
    variant = joined([variants[name] for name in chosen])
    app = variant.app(variant.api(Store.seeded(), RateLimiter()))
    with client_for(app) as client:
        crash, page = client.ask(
            [Request(query=(("limit", "a"),)), Request(query=(("limit", "100"),))]
        )
    assert isinstance(crash, Exchange)
    assert isinstance(page, Exchange)
    assert crash.status == 500
    assert {row["is_active"] for row in page.rows} == {True}


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--fault", "many-clinicians", "--fault", "seven-clinicians"), "serve one of them"),
        (("--fault", "email-not-searched", "--fault", "email-not-searched"), "they overlap"),
        (("--fault", "full-page-means-mor"), "is it full-page-means-more"),
        (("--fault", "x" * 20), "is not in the catalogue"),
        (("--fault", "full-page-means-more", "--database", "x.db"), "leave out --database"),
    ],
)
def test_a_bad_name_ends_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str
) -> None:
    assert main(["serve", "--port", "0", *arguments]) == 2
    err = capsys.readouterr().err
    assert hint in err
    assert err.count("\n") == 1
