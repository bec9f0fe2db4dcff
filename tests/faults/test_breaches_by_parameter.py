"""Each fault of access, envelope, profile, bounds, pages, errors and robustness is visible over HTTP.

A probe is a short sequence of requests. The tests send it to the correct server and to the faulty one; the
compared parts of the responses must differ.
"""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from conformance.faults.breaches import (
    authentication,
    authentication_side_paths,
    bounds,
    bounds_offset,
    caches,
    crashes,
    envelope,
    envelope_headers,
    errors,
    failures,
    pagination,
    pagination_joins,
    profile,
    robustness,
    robustness_text,
    search_words,
)
from conformance.faults.variant import FAULTS, Variant
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.support.breach_probes_by_parameter import (
    PROBES,
    Answer,
    Probe,
    get,
)
from tests.support.marks import in_part

MODULES = (
    authentication,
    authentication_side_paths,
    bounds,
    bounds_offset,
    caches,
    crashes,
    envelope,
    envelope_headers,
    errors,
    failures,
    pagination,
    pagination_joins,
    profile,
    robustness,
    robustness_text,
    search_words,
)
CATALOGUE = [
    variant
    for variant in FAULTS
    if variant.api.__module__ in {module.__name__ for module in MODULES}
]

ALL_PROBES = PROBES | {item.name: get(item.shown_by) for item in CATALOGUE if item.shown_by}
"""Fault → its probe: from the table, or from ``shown_by`` of the fault."""


@contextmanager
def serving(variant: Variant) -> Iterator[EmbeddedServer]:
    """Serve a variant, with a rate limit that no probe reaches."""
    store = Store.of(variant.data())
    api = variant.api(store, RateLimiter(100_000))
    with EmbeddedServer(variant.app(api)) as server:
        yield server
    store.close()


def ask(server: EmbeddedServer, probe: Probe) -> list[Answer]:
    """Return the responses to a probe. The path is sent unchanged: no client library normalises it."""
    base = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(base.netloc, timeout=10)
    headers = {} if probe.authorization is None else {"Authorization": probe.authorization}
    found = []
    for path in probe.paths:
        url = f"{base.path}/clinician-profiles{path}"
        connection.request(probe.method, url, headers=headers)
        response = connection.getresponse()
        names = {name.lower(): text for name, text in response.getheaders()}
        found.append(Answer(response.status, names, response.read()))
    connection.close()
    return found


@pytest.fixture(autouse=True)
def _any_number_of_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    # The standard client gives up at 100 headers, and has no setting for it.
    monkeypatch.setattr(http.client, "_MAXHEADERS", 1_000)


@pytest.fixture(scope="module")
def correct() -> Iterator[Callable[[Variant, Probe], object]]:
    """Looks at the responses of the correct server with the data of a variant."""
    servers: dict[object, EmbeddedServer] = {}
    with ExitStack() as stack:

        def look(variant: Variant, probe: Probe) -> object:
            data = variant.data()
            held = data.clinician_count, data.alter is not None and variant.name
            if held not in servers:
                reference = Variant("correct", "", ClinicianApi, data=variant.data)
                servers[held] = stack.enter_context(serving(reference))
            return probe.look(ask(servers[held], probe))

        yield look


def test_every_fault_has_a_probe() -> None:
    names = Counter(variant.name for variant in CATALOGUE)
    assert set(names) == set(ALL_PROBES)
    assert max(names.values()) == 1


def test_every_fault_is_described_in_a_sentence() -> None:
    for variant in CATALOGUE:
        assert variant.text.removeprefix("`")[0].isalpha()
        assert variant.text.endswith(".")


@pytest.mark.parametrize("variant", in_part(CATALOGUE), ids=lambda variant: variant.name)
def test_the_responses_to_the_probe_differ(
    variant: Variant, correct: Callable[[Variant, Probe], object]
) -> None:
    probe = ALL_PROBES[variant.name]
    with serving(variant) as server:
        seen = probe.look(ask(server, probe))
        assert 200 <= ask(server, get(""))[0].status < 600
    assert seen != correct(variant, probe)
