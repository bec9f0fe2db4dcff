"""A target that is alive: what other people change meanwhile is nobody's fault."""

from __future__ import annotations

import random
import uuid

import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from conformance.cases import Case
from conformance.reference.api import ClinicianApi

from .conftest import judged, red


class Alive(ClinicianApi):
    """Somebody else adds a clinician, anywhere in the list, after every so many requests."""

    every = 11
    turn = 0

    def handle(self, request: HttpRequest) -> Response:
        self.turn += 1
        if self.turn % self.every == 0:
            self.add(random.Random(self.turn))
        return super().handle(request)

    def add(self, draw: random.Random) -> None:
        organisation = self.store.data.own.id if self.turn % 2 else self.store.data.other.id
        rows = self.store.rows(
            "SELECT * FROM clinicians WHERE organisation_id = ? ORDER BY number", (organisation,)
        )
        new = draw.choice(rows) | {
            "number": self.store.rows("SELECT max(number) + 1 AS n FROM clinicians")[0]["n"],
            "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        }
        marks = ", ".join("?" * len(new))
        self.store.connection.execute(
            f"INSERT INTO clinicians ({', '.join(new)}) VALUES ({marks})", tuple(new.values())
        )


@pytest.mark.parametrize("every", [7, 31, 60])
def test_records_that_are_added_meanwhile_are_no_finding(cases: list[Case], every: int) -> None:
    api = Alive()
    api.every = every
    judgement, result, _ = judged(api, cases)
    assert api.turn > 100
    assert red(result) == {}
    assert judgement.error is None
    assert judgement.untestable is None
    assert result["verdict"] in ("conformant", "incomplete")
