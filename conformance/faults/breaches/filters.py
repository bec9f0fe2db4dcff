"""Servers with wrong boolean filters (FIL-01 to FIL-06, FIL-13 to FIL-15, PAG-13)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.faults.pieces import (
    AT_NO_LOCATION,
    EVERYTHING,
    INACTIVE,
    RowsAfterwards,
    all_of,
    behind,
    negated,
    one_of,
)
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.refusals import Refusal
from conformance.reference.store import Row

_NOT_BOOKABLE = Condition("c.is_bookable_online = 0")


@fault(
    "FIL-01", '`is_active=true` lists nothing: the text "true" is compared with the stored flag.'
)
class ActiveComparedAsText(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        return Condition("c.is_active = ?", ("true",)) if wanted else super().where_active(wanted)


@fault("FIL-01", "`is_active=true` leaves out active clinicians without an e-mail address.")
class ActiveNeedsAnEmail(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        active = super().where_active(wanted)
        return all_of(active, Condition("c.email IS NOT NULL")) if wanted else active


@fault("FIL-01", "`is_active=true` is ignored from `offset` 100 on.")
class ActiveForgottenPastHundred(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.is_active and query.offset >= 100:
            query = replace(query, is_active=None)
        return super().fetch(query, organisation)


@fault("FIL-02", "`is_active=false` is ignored.")
class InactiveTakenForAbsent(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        return super().where_active(wanted) if wanted else EVERYTHING


@fault("FIL-02", "`is_active=false` leaves out inactive clinicians who can be booked online.")
class InactiveMustNotBeBookable(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        return super().where_active(wanted) if wanted else all_of(INACTIVE, _NOT_BOOKABLE)


@fault("FIL-02", "`is_active=false` leaves out inactive clinicians who were never updated.")
class InactiveNeverUpdatedLeftOut(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        updated = Condition("c.updated_at <> c.created_at")
        return super().where_active(wanted) if wanted else all_of(INACTIVE, updated)


@fault("FIL-03", "Without `is_active`, only active clinicians are listed.")
class ActiveByDefault(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.is_active is None:
            query = replace(query, is_active=True)
        return super().conditions(query, organisation)


@fault(
    "FIL-03", "Without `is_active`, inactive clinicians after the first 200 records are left out."
)
class InactiveHiddenPastTwoHundred(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.is_active is None:
            found.append(one_of(Condition("c.is_active"), negated(behind(200))))
        return found


@fault("FIL-04", "`is_bookable_online=true` leaves out inactive clinicians.")
class BookableMustBeActive(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        bookable = super().where_bookable(wanted)
        return all_of(bookable, Condition("c.is_active")) if wanted else bookable


@fault("FIL-04", "`is_bookable_online=true` leaves out clinicians without a location.")
class BookableOnlyAtLocation(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        bookable = super().where_bookable(wanted)
        return all_of(bookable, negated(AT_NO_LOCATION)) if wanted else bookable


@fault("PAG-13", "`is_bookable_online=true` is applied after paging, so pages are too short.")
class BookableAfterTheSlice(RowsAfterwards):
    def where_bookable(self, wanted: bool) -> Condition:
        return EVERYTHING if wanted else super().where_bookable(wanted)

    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["is_bookable_online"] or not query.is_bookable_online]

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, query.limit, has_more)


@fault("FIL-05", "`is_bookable_online=false` is ignored.")
class NotBookableTakenForAbsent(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        return super().where_bookable(wanted) if wanted else EVERYTHING


@fault("FIL-05", "`is_bookable_online=false` lists the clinicians who can be booked online.")
class BookableWhateverTheValue(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        return super().where_bookable(wanted=True)


@fault("FIL-05", "`is_bookable_online=false` leaves out inactive clinicians.")
class NotBookableMustBeActive(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        bookable = super().where_bookable(wanted)
        return bookable if wanted else all_of(bookable, Condition("c.is_active"))


class _BothBooleans(ClinicianApi):
    """An API that handles requests with both boolean filters in its own way."""

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        active, bookable = query.is_active, query.is_bookable_online
        if active is None or bookable is None:
            return super().conditions(query, organisation)
        bare = replace(query, is_active=None, is_bookable_online=None)
        return [*super().conditions(bare, organisation), *self.both(active, bookable)]

    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        """Return the conditions for the two filters."""
        return [self.where_active(active), self.where_bookable(bookable)]


@fault("FIL-06", "`is_active` and `is_bookable_online` are combined with OR instead of AND.")
class BooleansJoinedByOr(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return [one_of(self.where_active(active), self.where_bookable(bookable))]


@fault("FIL-06", "`is_active` and `is_bookable_online` are ignored if both are false.")
class BooleansSkippedWhereBothFalse(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return super().both(active, bookable) if active or bookable else []


@fault("FIL-06", "`is_active` gets the value of `is_bookable_online` if both are present.")
class OneValueForBothBooleans(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return super().both(bookable, bookable)


@fault("FIL-06", "`is_bookable_online` is ignored if `is_active=false` is present.")
class InactiveDropsBookable(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return super().both(active, bookable) if active else [INACTIVE]


@fault("FIL-13", "A boolean filter that is neither true nor false returns 500.")
class MalformedBooleanCrashes(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return {"true": True, "false": False}[text]


@fault("FIL-13", "An empty boolean filter returns 500; other malformed values return 400.")
class EmptyBooleanCrashes(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        if text[0] in "tf":
            raise self.invalid_parameter(name, "true or false, written out")
        return super().malformed_boolean(name, text)


@fault("FIL-13", "A boolean filter that is neither true nor false returns 404.")
class MalformedBooleanNotFound(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        raise Refusal(404, "NOT_FOUND", "No clinician profiles match.")


@fault("FIL-14", "A boolean filter that is neither true nor false is ignored.")
class MalformedBooleanIgnored(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return None


@fault("FIL-14", "A boolean filter with any value other than `true` is read as false.")
class AllButTrueIsFalse(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return False


@fault(
    "FIL-14",
    "A boolean filter with any value other than `false` is read as true, unless it is empty.",
)
class AllButFalseIsTrue(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return True if text else super().malformed_boolean(name, text)


@fault("FIL-15", "`is_active=yes` returns 500.", shown_by="?is_active=yes")
class YesCrashes(ClinicianApi):
    def parse_boolean(self, name: str, text: str) -> bool | None:
        if text == "yes":
            raise RuntimeError("no such value")
        return super().parse_boolean(name, text)
