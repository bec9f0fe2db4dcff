"""Cases of depth deep: what a server does wrong only for further data, or after many requests of one kind."""

from __future__ import annotations

import pytest

from conformance.contract.cases import Case, Depth
from conformance.faults.pieces import RowsAfterwards, all_of
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.store import Identity, Row
from tests.support.servers import judged, red


class KeepsConnections(ClinicianApi):
    """Never gives the connection back to its pool that a request for another organisation's location took."""

    left = 5

    def where_location(self, location_id: str, organisation: str) -> Condition:
        mine = {one.id for one in self.store.data.locations if one.organisation_id == organisation}
        every = {one.id for one in self.store.data.locations}
        self.left -= location_id in every - mine
        return super().where_location(location_id, organisation)

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        if self.left <= 0:
            raise RuntimeError("timeout: no connection within 5 s")
        return super().list_profiles(context, identity)


class RepeatsAtFurtherLocations(RowsAfterwards):
    """Lists the first clinician twice at each location but the first three."""

    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        mine = [one.id for one in self.store.data.locations if one.organisation_id == organisation]
        return [*rows[:1], *rows] if query.location_id in mine[3:] else rows


class IndexLacksTheEdited(ClinicianApi):
    """Finds no edited profile."""

    def where_search(self, text: str) -> Condition:
        return all_of(super().where_search(text), Condition("c.updated_at = c.created_at"))


@pytest.mark.parametrize(
    ("api", "requirement"),
    [
        (KeepsConnections, "ROB-01"),
        (RepeatsAtFurtherLocations, "FIL-07"),
        (IndexLacksTheEdited, "SRCH-01"),
    ],
)
def test_depth_deep_finds_it(api: type[ClinicianApi], requirement: str, cases: list[Case]) -> None:
    further = [case for case in cases if case.requirement == requirement and case.last]
    assert requirement in red(judged(api(), further, Depth.DEEP)[1])
    assert red(judged(ClinicianApi(), further, Depth.DEEP)[1]) == {}
