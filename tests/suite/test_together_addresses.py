"""An address beside a filter, as a server may look it up in another query than words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.contract.verdict import Breach
from conformance.http.api import Api
from conformance.judging.given import unknown_ids
from conformance.judging.session import Session
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.suite.together import explore, valid
from conformance.target.credentials import OWN
from tests.support.asking import client_to
from tests.support.servers import target_of


class LooksAddressesUp(ClinicianApi):
    """Looks an address up in a query that has no filters."""

    def parse(self, pairs: Any, known: Any) -> ListQuery:
        query = super().parse(pairs, known)
        return replace(query, is_active=None) if "@" in (query.search or "") else query


def test_an_address_is_found_behind_no_filter_that_excludes_its_profile() -> None:
    server = EmbeddedServer(LooksAddressesUp(Store.seeded(), RateLimiter(100_000)))
    with server, client_to(target_of(server)) as client:
        session = Session(client, load(), depth=Depth.DEEP, seed=0)
        session.probe()
        session.learn()
        with pytest.raises(Breach) as caught:
            explore(session, Api(client.ask), unknown_ids(0, 1), OWN, "FIL-17", valid)
        assert "is_active" in str(caught.value.findings[0].url)
