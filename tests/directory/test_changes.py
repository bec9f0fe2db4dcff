"""A target whose data changes during a run: changes by others are no findings."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from conformance.contract.cases import Case
from conformance.contract.document import Contract
from conformance.proof import catalogue
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Row, Store
from tests.support.marks import broad
from tests.support.servers import judged, red


class Alive(ClinicianApi):
    """Adds a clinician anywhere in the list after every ``every`` requests."""

    every = 11
    turn = 0

    def handle(self, request: HttpRequest) -> Response:
        self.turn += 1
        self.happens()
        return super().handle(request)

    def happens(self) -> None:
        """Change the data before a request, as other users do."""
        if self.turn % self.every == 0:
            self.add(random.Random(self.turn))

    def rows_in_turn(self) -> list[Row]:
        """Return the clinicians of one of the two organisations, in turn."""
        organisation = self.store.data.own.id if self.turn % 2 else self.store.data.other.id
        return self.store.rows(
            "SELECT * FROM clinicians WHERE organisation_id = ? ORDER BY number", (organisation,)
        )

    def add(self, draw: random.Random) -> None:
        new = draw.choice(self.rows_in_turn()) | {
            "number": self.store.rows("SELECT max(number) + 1 AS n FROM clinicians")[0]["n"],
            "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        }
        marks = ", ".join("?" * len(new))
        self.store.connection.execute(
            f"INSERT INTO clinicians ({', '.join(new)}) VALUES ({marks})", tuple(new.values())
        )

    def stamp(self) -> str:
        """Return a timestamp that no record has yet."""
        return (
            f"2025-03-01T{self.turn // 3600:02d}:{self.turn // 60 % 60:02d}:{self.turn % 60:02d}Z"
        )

    def change(self, sql: str, *values: object) -> None:
        self.store.connection.execute(sql, values)


def no_alarm(api: Alive, cases: list[Case]) -> dict[str, Any]:
    """Run the suite on a server. There must be no finding.

    :returns: the result.
    """
    judgement, result, _ = judged(api, cases)
    assert api.turn > 100
    assert red(result) == {}
    assert judgement.error is None
    assert judgement.untestable is None
    assert result["verdict"] in ("conformant", "incomplete")
    return result


@pytest.mark.parametrize("every", [7, *broad(31, 8, 11, 60)])
def test_records_added_during_a_run_are_no_finding(cases: list[Case], every: int) -> None:
    api = Alive()
    api.every = every
    no_alarm(api, cases)


class Edited(Alive):
    """Changes ``is_active`` of the first and the last clinician of a few in the middle of the run."""

    when = (70, 90)

    def happens(self) -> None:
        if self.turn in self.when:
            rows = self.store.rows(
                "SELECT number FROM clinicians WHERE organisation_id = ? ORDER BY created_at, id",
                (self.store.data.own.id,),
            )
            self.change(
                "UPDATE clinicians SET is_active = 1 - is_active, updated_at = ? WHERE number = ?",
                self.stamp(),
                rows[-self.when.index(self.turn)]["number"],
            )


@pytest.mark.broad
def test_edits_in_a_directory_that_was_read_completely_are_no_finding(cases: list[Case]) -> None:
    """Retrieving is not the cause of edits if nearly all profiles were retrieved."""
    for first in (60, 80, 100):
        api = Edited(Store.seeded(12, 12), RateLimiter())
        api.when = (first, first + 20)
        no_alarm(api, cases)


@pytest.mark.broad
def test_changes_of_the_data_are_counted(cases: list[Case]) -> None:
    """A finding makes the run read the data twice; others change it in between."""

    class Worked(Alive):
        def happens(self) -> None:
            if self.turn > 60 and self.turn % 10 == 5:
                self.add(random.Random(self.turn))
            if self.turn > 60 and self.turn % 15 == 0:
                ids = "SELECT min(number) FROM clinicians WHERE organisation_id = ?"
                self.change(
                    f"DELETE FROM clinicians WHERE number = ({ids})", self.store.data.own.id
                )

        def method_not_allowed(self) -> Refusal:
            return Refusal(403, "FORBIDDEN", "This API key may only read.")

    api = Worked()
    _, result, _ = judged(api, cases)
    assert red(result).keys() == {"RO-06"}
    directory = result["directory"]
    assert directory["moved"] is True
    # A reading may miss a record if others are deleted meanwhile.
    assert directory["removed"] > 0
    assert directory["added"] > 0
    assert directory["edited"] == 0


SHOWN = [
    ("foreign-message-differs", "ORG-02"),
    *broad(
        ("retrieve-empties-nulls", "RET-02"),
        ("bookable-whatever-the-value", "FIL-05"),
        ("list-holds-two-foreign", "ORG-05"),
        ("inactive-not-retrieved", "RET-05"),
        ("name-not-searched", "SRCH-01"),
        ("bio-searched", "SRCH-06"),
        ("allow-is-missing", "RO-06"),
        ("hundred-and-one-is-allowed", "LIM-04"),
    ),
]


@pytest.mark.parametrize(("name", "requirement"), SHOWN)
def test_a_fault_on_an_unchanged_profile_is_found_although_other_profiles_change(
    contract: Contract, cases: list[Case], name: str, requirement: str
) -> None:
    (fault,) = catalogue.load(contract).only([name]).faults

    class Moving(fault.api):  # type: ignore[name-defined, misc]
        turn = 0

        def handle(self, request: HttpRequest) -> Response:
            self.turn += 1
            if self.turn % 8 == 0:
                one = "SELECT number FROM clinicians ORDER BY abs(number * ? % 1009) LIMIT 1"
                self.store.connection.execute(
                    f"UPDATE clinicians SET title = ? WHERE number = ({one})",
                    (f"Title {self.turn}", self.turn),
                )
            return super().handle(request)  # type: ignore[no-any-return]

    _, result, _ = judged(Moving(Store.seeded(), RateLimiter()), cases)
    assert requirement in red(result)
    assert result["directory"]["moved"] is True


class NewestFirst(Alive):
    """Orders the list by the last change, so that every edit moves a record to the front."""

    order_by = "c.updated_at DESC, c.id"
    every = 5

    def happens(self) -> None:
        if self.turn % self.every == 0:
            rows = self.rows_in_turn()
            self.change(
                "UPDATE clinicians SET updated_at = ? WHERE number = ?",
                self.stamp(),
                random.Random(self.turn).choice(rows)["number"],
            )


@pytest.mark.broad
def test_a_list_ordered_by_the_last_change_is_no_finding(cases: list[Case]) -> None:
    no_alarm(NewestFirst(), cases)


class Visited(Alive):
    """Adds and deletes a record from time to time, as other tests on a shared target do."""

    every = 80
    here = range(40, 65)
    guest = "00000000-0000-4000-8000-000000000001"

    def happens(self) -> None:
        turn = self.turn % self.every
        if turn == self.here.start:
            self.add(random.Random(self.turn))
            self.change(
                "UPDATE clinicians SET id = ? WHERE number = (SELECT max(number) FROM clinicians)",
                self.guest,
            )
        elif turn == self.here.stop:
            self.change("DELETE FROM clinicians WHERE id = ?", self.guest)


@pytest.mark.broad
def test_a_record_that_is_added_and_deleted_is_no_finding(cases: list[Case]) -> None:
    for every in (80, 120):
        api = Visited()
        api.every = every
        no_alarm(api, cases)


class Imported(Alive):
    """Rewrites every record in the middle of the run; only ``updated_at`` changes."""

    every = 60

    def happens(self) -> None:
        if self.turn == self.every:
            self.change("UPDATE clinicians SET updated_at = ?", self.stamp())


@pytest.mark.broad
def test_an_import_in_the_middle_of_the_run_is_no_finding(cases: list[Case]) -> None:
    no_alarm(Imported(), cases)


class Counting(Alive):
    """Changes no data, but adds a member whose value differs each time that a profile is read."""

    looked = 0

    def happens(self) -> None:
        """Nothing."""

    def read(self, context: Context, identity: Identity) -> Body:
        body = super().read(context, identity)
        for row in body["data"] if isinstance(body["data"], list) else [body["data"]]:
            self.looked += 1
            row["views"] = self.looked
        return body


@pytest.mark.broad
def test_a_further_member_that_always_changes_is_no_change_of_the_data(cases: list[Case]) -> None:
    """The contract allows further members with any value."""
    result = no_alarm(Counting(), cases)
    assert result["verdict"] == "conformant"
    assert result["directory"]["moved"] is False


@pytest.mark.broad
def test_unchanged_data_is_never_reported_as_changed(cases: list[Case]) -> None:
    """Not even if many findings are confirmed."""

    class Quiet(Alive):
        def happens(self) -> None:
            """Nothing."""

    class Wrong(Quiet):
        def fetch(self, query: Any, organisation: str) -> tuple[list[Row], bool]:
            rows, more = super().fetch(query, organisation)
            return rows, more or len(rows) == query.limit

    assert no_alarm(Quiet(), cases)["directory"]["moved"] is False
    _, result, _ = judged(Wrong(), cases)
    assert result["directory"]["moved"] is False
    assert result["verdict"] == "non-conformant"
