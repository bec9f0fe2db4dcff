"""Each fault of filters, search, retrieve, isolation and read-only is visible over HTTP.

A probe is a short sequence of requests. The tests send it to the correct server and to the faulty one; the
responses must differ. A request is written ``[other] METHOD RESOURCE [| Header: value]``. The resource is
appended to ``/clinician-profiles``. ``other`` selects the other key, otherwise the own key is sent.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance.contract.document import load
from conformance.faults.breaches import (
    filters,
    filters_location,
    isolation,
    isolation_caches,
    isolation_lists,
    isolation_side_paths,
    read_only,
    results,
    retrieve,
    search,
    search_results,
    side_effects,
    together,
)
from conformance.faults.variant import FAULTS, Variant
from conformance.proof import catalogue as catalogues
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.support.breach_probes_by_data import (
    DATA,
    IN_THE_LAST,
    PROBES,
    TIMED,
)
from tests.support.marks import in_part

MODULES = (
    *(filters, filters_location, isolation, isolation_caches, isolation_lists),
    *(isolation_side_paths, read_only, results, retrieve, search, search_results, side_effects),
    together,
)
AREAS = {"FIL", "SRCH", "RET", "ORG", "RO"}
MINE = [
    fault for fault in FAULTS if fault.api.__module__ in {module.__name__ for module in MODULES}
]
ALL_PROBES = PROBES | {fault.name: (f"GET {fault.shown_by}",) for fault in MINE if fault.shown_by}
"""Fault → its probe: from the table, or from ``shown_by`` of the fault."""

# These differ on every response of the correct server too. Their presence is still compared.
VARYING = {"date", "x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset"}

Answer = tuple[int, dict[str, str], Any]


class Client:
    """Sends probes to one server, over one connection."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.path = f"{parts.path}/clinician-profiles"
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)

    def send(self, request: str) -> Answer:
        """Return status, headers and body of the response, without the values that differ each time."""
        line, _, header = request.partition(" | ")
        key = DATA.own_key.key
        if line.startswith("other "):
            line, key = line.removeprefix("other "), DATA.other_key.key
        method, _, resource = line.partition(" ")
        headers = {"Authorization": f"Bearer {key}"}
        if header:
            name, _, headers_value = header.partition(": ")
            headers[name] = headers_value
        self.connection.request(method, self.path + resource.strip(), headers=headers)
        response = self.connection.getresponse()
        content = response.read()
        body = json.loads(content) if content else None
        if body:
            del body["meta"]["request_id"]
        names = {name.lower(): text for name, text in response.getheaders()}
        return response.status, {**names, **dict.fromkeys(VARYING & set(names), "")}, body

    def seconds(self, request: str) -> float:
        """Return the shortest time of five responses."""
        times = []
        for _ in range(5):
            start = time.perf_counter()
            self.send(request)
            times.append(time.perf_counter() - start)
        return min(times)


@contextmanager
def served(variant: Variant | None = None) -> Iterator[Client]:
    """Start a new server, faulty or correct, and yield a client of it."""
    with closing(Store.seeded()) as store:
        limiter = RateLimiter(1_000_000)
        app = variant.app(variant.api(store, limiter)) if variant else ClinicianApi(store, limiter)
        with EmbeddedServer(app) as server:
            client = Client(server.base_url)
            with closing(client.connection):
                yield client


@pytest.fixture(scope="module")
def correct() -> Iterator[Client]:
    with served() as client:
        yield client


def test_every_requirement_has_a_fault() -> None:
    contract = load()
    wanted = {
        one.id
        for one in contract.requirements.values()
        if one.prefix in AREAS and not one.not_tested
    }
    assert wanted <= {fault.requirement for fault in catalogues.load(contract).faults}


def test_every_fault_has_a_probe() -> None:
    names = [fault.name for fault in MINE]
    assert len(names) == len(set(names))
    assert set(names) == set(ALL_PROBES) | set(TIMED)
    assert not set(ALL_PROBES) & set(TIMED)
    assert set(ALL_PROBES) >= IN_THE_LAST


@pytest.mark.parametrize("variant", in_part(MINE), ids=lambda variant: variant.name)
def test_the_responses_to_the_probe_differ(variant: Variant, correct: Client) -> None:
    assert variant.text.endswith(".")
    with served(variant) as faulty:
        if variant.name in TIMED:
            late, prompt = TIMED[variant.name]
            assert faulty.send(f"GET /{late}") == correct.send(f"GET /{late}")
            assert faulty.seconds(f"GET /{late}") >= 0.055
            assert faulty.seconds(f"GET /{prompt}") < 0.055
            return
        found = [faulty.send(request) for request in ALL_PROBES[variant.name]]
        assert faulty.send("GET ")[0] in range(200, 600)
    right = [correct.send(request) for request in ALL_PROBES[variant.name]]
    assert found != right
    if variant.name in IN_THE_LAST:
        assert found[:-1] == right[:-1]
