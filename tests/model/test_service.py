"""The model with default manners answers as the reference server does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.http.api import item_path
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.model.manners import Manners
from conformance.model.service import Service
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.support.asking import client_to
from tests.support.model_rows import (
    DATA,
    MINE,
    OTHER_DIRECTORY,
    OWN_DIRECTORY,
    REQUESTS,
    answer_of,
    name_of,
    shown,
)
from tests.support.servers import recorded, target_of


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    api = ClinicianApi(Store.of(DATA), RateLimiter())
    with EmbeddedServer(recorded(api)) as server, client_to(target_of(server)) as client:
        yield client


@pytest.mark.parametrize("request_", REQUESTS, ids=name_of)
def test_the_default_manners_are_those_of_the_reference_server(
    client: Client, request_: Request
) -> None:
    (exchange,) = client.ask([request_])
    assert isinstance(exchange, Exchange)
    received = shown(exchange.status, exchange.headers, exchange.body)
    assert answer_of(Service(OWN_DIRECTORY, OTHER_DIRECTORY), request_) == received


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", credential="no key"),
        Request(path="/nothing", credential="no key"),
        Request("DELETE", item_path(MINE), credential="a key never issued"),
    ],
    ids=name_of,
)
def test_a_target_may_look_at_the_path_and_method_before_the_key(
    client: Client, request_: Request
) -> None:
    (exchange,) = client.ask([request_])
    assert isinstance(exchange, Exchange)
    manners = Manners(authenticates_first=False)
    service = Service(OWN_DIRECTORY, OTHER_DIRECTORY, manners)
    assert answer_of(service, request_)[0] == exchange.status
    assert answer_of(Service(OWN_DIRECTORY, OTHER_DIRECTORY), request_)[0] == 401
