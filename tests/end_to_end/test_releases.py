"""The way of a release manager: two releases, and a comparison that names one regression and two fixes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from conformance.contract.document import load
from conformance.proof import catalogue
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.support.in_process import call
from tests.support.processes import keys_for


def server_of(*names: str) -> type[ClinicianApi]:
    """Return a server with these faults of the catalogue."""
    faults = {item.name: item.api for item in catalogue.load(load()).faults}
    return type("Release", tuple(faults[name] for name in names), {})


def test_a_comparison_names_one_regression_and_two_fixes(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    releases = {
        "2.3": server_of("unknown-id-forbidden", "active-by-default"),
        "2.4": server_of("foreign-inactive-retrieved"),
    }
    for version, api in releases.items():
        app = build_app(api(Store.seeded(), RateLimiter()))
        with EmbeddedServer(app, port=port) as server:
            areas = (
                "--only",
                "RET",
                "--only",
                "FIL",
                "--only",
                "ORG-01",
                "--label",
                f"version={version}",
            )
            run = ("run", *areas, "--report-dir", version, "--quiet")
            assert call(tmp_path, *run, **keys_for(server.base_url)).status == 1
    ended = call(tmp_path, "compare", "2.3", "2.4", "--report-dir", "out")
    assert ended.status == 1, ended.text
    document = json.loads((tmp_path / "out" / "compare.json").read_text("utf-8"))
    assert [item["id"] for item in document["requirements"]["new"]] == ["ORG-01"]
    fixed = {item["id"] for item in document["requirements"]["fixed"]}
    assert "RET-03" in fixed
    assert {id_ for id_ in fixed if id_.startswith("FIL-")}
    assert [item["severity"] for item in document["defects"]["new"]] == ["data leak"]
    assert len(document["defects"]["fixed"]) >= 2
    assert document["requirements"]["still"] == []
    assert document["latency"] is not None
    assert "Regression in 1 mandatory requirement: ORG-01." in " ".join(ended.out.split())
    assert "version 2.3 → version 2.4" in ended.out
    passed_on = call(tmp_path, "history", ".", "--format", "json")
    states = {item["state"] for item in json.loads(passed_on.out)["defects"]}
    assert states == {"open", "fixed"}
