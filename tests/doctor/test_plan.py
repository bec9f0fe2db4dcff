"""``conformance run --dry-run`` prints what a run would send, and sends almost nothing."""

from __future__ import annotations

from pathlib import Path

from conformance.reference import seed
from conformance.reference.server import EmbeddedServer
from tests.support.in_process import call
from tests.support.servers import keys_for, recorded


def test_a_dry_run_prints_what_a_run_sends(tmp_path: Path) -> None:
    recorder = recorded()
    with EmbeddedServer(recorder) as server:
        planned = call(tmp_path, "run", "--only", "RET", "--dry-run", **keys_for(server.base_url))
        asked = len(recorder.seen)
        assert asked <= 12
        assert list(tmp_path.iterdir()) == []
        ran = call(tmp_path, "run", "--only", "RET", "--quiet", **keys_for(server.base_url))
    assert (planned.status, ran.status) == (0, 0), planned.text
    sent = ran.report()["requests"]["by_identity"]
    assert f"take {sent['own']} requests with your key, {sent['other']} with the" in planned.out
    lines = [line for line in planned.out.splitlines() if "/clinician-profiles" in line]
    seen = [item for item in recorder.seen[asked:] if "/clinician-profiles" in item.target]
    assert len(lines) == len(seen)


def test_a_dry_run_names_nobody(tmp_path: Path) -> None:
    ended = call(tmp_path, "run", "--only", "SRCH", "--dry-run")
    assert ended.status == 0
    assert "masked-last-name" in ended.out
    words = ended.out.lower()
    people = [person for person in seed.build().clinicians() if person.last_name]
    assert not [
        person.last_name for person in people if f"search={person.last_name}".lower() in words
    ]


def test_a_dry_run_ends_as_a_run_would(tmp_path: Path) -> None:
    dead = call(tmp_path, "run", "--dry-run", **keys_for("http://127.0.0.1:9/api-v1"))
    assert dead.status == 4
    assert "the target cannot be tested" in dead.complaint()
    replay = call(tmp_path, "run", "--dry-run", "--replay", "transcript.har")
    assert (replay.status, "leave out --dry-run" in replay.complaint()) == (2, True)
    wrong = call(tmp_path, "run", "--dry-run", "--only", "AUTH-11")
    assert (wrong.status, "can be tested" in wrong.complaint()) == (2, True)
