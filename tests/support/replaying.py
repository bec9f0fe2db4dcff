"""Replays of a transcript, compared with the run that wrote it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.contract.cases import Case
from conformance.http.client import Client
from conformance.recording import har
from conformance.recording.replay import Replay, described, target_of
from conformance.running.run import Report, run
from conformance.running.settings import Settings

TIMES = {"started_at": "", "finished_at": ""}


def again(cases: Sequence[Case], **changes: Any) -> Report:
    settings = Settings(replay=Path("recorded", har.NAME), report_dir=Path("replayed"))
    return run(replace(settings, **changes), cases)


def same(one: Report, two: Report) -> None:
    assert two.result | TIMES == one.result | TIMES
    assert (two.verdict, two.exit_status) == (one.verdict, one.exit_status)
    files = [json.loads(Path(name, "report.json").read_text()) for name in ("recorded", "replayed")]
    assert files[0] | TIMES == files[1] | TIMES


def written(client: Client) -> Client:
    known = described(client, depth="standard", requirements="1.0", seed=0, interrupted=False)
    har.write(client, Path("it.har"), {"started_at": "2026-01-02T03:04:05.678Z", **known})
    recording = har.read(Path("it.har"))
    return Client(Replay(recording, target_of(recording.run)))
