"""Values that a request with several parameters carries: refused there, or sent alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.faults.breaches.robustness import FiveParametersAreTooMany
from conformance.faults.lawful.choices import MalformedNumbersAreDefault
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.judging.given import unknown_ids
from conformance.judging.session import Session
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.suite.carried import refused_beside_others
from conformance.suite.readings import Reading, offset_reading
from conformance.suite.values import first_group
from tests.support.asking import client_to
from tests.support.marks import broad
from tests.support.servers import target_of

UNKNOWN = unknown_ids(0, 1)


def asked(
    api: type[ClinicianApi], values: Sequence[tuple[str, str]], depth: Depth = Depth.STANDARD
) -> list[Exchange | None]:
    server = EmbeddedServer(api(Store.seeded(), RateLimiter(100_000)))
    with server, client_to(target_of(server)) as client:
        session = Session(client, load(), depth=depth, seed=0)
        session.probe()
        session.learn()
        asking = Api(client.ask)
        place = first_group(session.locations.own)
        return [
            refused_beside_others(session, asking, UNKNOWN, name, text.format(place=place))
            for name, text in values
        ]


CARRIED = [
    ("limit", "1000"),
    ("limit", "0"),
    ("limit", "1e3"),
    ("offset", "-1"),
    ("offset", "²"),
    ("location_id", "{place}"),
    ("is_active", "yes"),
    ("is_bookable_online", ""),
]


def test_a_strict_server_refuses_each_carried_value_beside_valid_ones() -> None:
    answers = asked(ClinicianApi, [*CARRIED, ("limit", "-1")])
    assert [answer is not None and answer.status for answer in answers] == [400] * 8 + [False]
    for answer in answers[:-1]:
        assert answer is not None
        assert len(answer.request.query) > 2


@pytest.mark.parametrize(
    ("api", "depth"),
    [
        *broad(
            (MalformedNumbersAreDefault, Depth.STANDARD), (FiveParametersAreTooMany, Depth.STANDARD)
        ),
        (ClinicianApi, Depth.SMOKE),
    ],
    ids=["accepted", "refused with valid values too", "smoke"],
)
def test_any_other_response_says_nothing_of_the_value(
    api: type[ClinicianApi], depth: Depth
) -> None:
    assert asked(api, [("limit", "1e3"), ("offset", "²")], depth) == [None, None]


def test_a_digit_of_another_script_may_be_read_as_a_digit() -> None:
    assert offset_reading("²") == Reading((0, 2), refused=True, blocked=True)
