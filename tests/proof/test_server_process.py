"""The process that serves variants: one after the other, whatever becomes of the one before."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import pytest

from conformance.errors import ServerError
from conformance.faults.variant import LAWFUL, Variant
from conformance.proof import server_process
from conformance.proof.catalogue import CORRECT
from conformance.proof.server_process import ServerProcess
from conformance.proof.trial import serving
from conformance.reference.api import ClinicianApi
from conformance.target.target import Target

KINDS = ("one", "two", "refuses", "dies", "blocks", "stays")
VARIANTS = {name: Variant(name, "A server of this test.", ClinicianApi) for name in KINDS}


@contextmanager
def serve(variant: Variant) -> Iterator[Target]:
    """Yield a target that names the process and the variant in place of known profiles."""
    if variant.name == "refuses":
        raise OSError("the disk is full")
    if variant.name == "dies":
        os._exit(3)
    if variant.name == "blocks":
        time.sleep(60)
    yield Target("http://127.0.0.1:1", "key of a test", known_ids=(str(os.getpid()), variant.name))
    if variant.name == "stays":
        time.sleep(60)


def started() -> closing[ServerProcess]:
    return closing(ServerProcess(list(VARIANTS.values()), serve))


def used(servers: ServerProcess, name: str) -> tuple[str, ...]:
    """Serve a variant, and return the process and the name of what was served."""
    with servers.serving(VARIANTS[name]) as target:
        return target.known_ids


def test_a_variant_is_served_over_http_until_its_block_ends() -> None:
    with closing(ServerProcess([CORRECT, *LAWFUL], serving)) as servers:
        for variant in (CORRECT, *LAWFUL[:2], CORRECT):
            with servers.serving(variant) as target:
                headers = {"Authorization": f"Bearer {target.own_key}"}
                url = f"{target.base_url}/clinician-profiles"
                assert httpx.get(url, headers=headers, params={"limit": 1}).status_code == 200
            with pytest.raises(httpx.ConnectError):
                httpx.get(url)


def test_one_other_process_serves_all() -> None:
    with started() as servers:
        (first, one), (second, two) = used(servers, "one"), used(servers, "two")
    assert (one, two) == ("one", "two")
    assert first == second != str(os.getpid())


def test_a_variant_that_cannot_be_served_says_why() -> None:
    with started() as servers:
        with pytest.raises(ServerError, match="refuses cannot be served: the disk is full"):
            used(servers, "refuses")
        assert used(servers, "one")[1] == "one"


def test_another_process_follows_one_that_dies() -> None:
    with started() as servers:
        with pytest.raises(ServerError, match="the process that serves dies ended"):
            used(servers, "dies")
        assert used(servers, "one")[1] == "one"


def test_a_server_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process, "STOPS", 0.2)
    with started() as servers:
        first, _ = used(servers, "stays")
        second, name = used(servers, "one")
    assert name == "one"
    assert first != second
    assert not _runs(int(first))


@pytest.mark.parametrize("name", ["one", "stays", "blocks"])
def test_it_ends_with_the_process_that_uses_it(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    user = context.Process(target=_use, args=(theirs, name))
    user.start()
    number = ours.recv()
    ours.recv()
    user.kill()
    user.join()
    for _ in range(500):
        if not _runs(number):
            break
        time.sleep(0.02)
    assert not _runs(number)
    assert capfd.readouterr().err == ""


def _use(pipe: Connection, name: str) -> None:
    with started() as servers:
        pipe.send(int(used(servers, "two")[0]))
        pipe.send("on")
        used(servers, name)
        time.sleep(60)


def _runs(number: int) -> bool:
    """Return whether a process runs; one that has ended may wait for its parent to notice."""
    try:
        state = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(") ")[2]
    except FileNotFoundError:
        return False
    return not state.startswith("Z")
