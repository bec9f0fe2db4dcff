"""Servers whose boolean filters are wrong."""

# ruff: noqa: ARG002 - a decision that is replaced need not look at all that it is given

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
    "FIL-01", "is_active is compared as a text: 'true' equals no stored flag, nothing is listed."
)
class ActiveComparedAsText(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        return Condition("c.is_active = ?", ("true",)) if wanted else super().where_active(wanted)


@fault("FIL-01", "is_active=true lists only the active clinicians who have an e-mail address.")
class ActiveNeedsAnEmail(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        active = super().where_active(wanted)
        return all_of(active, Condition("c.email IS NOT NULL")) if wanted else active


@fault("FIL-01", "From offset 100 on is_active=true is forgotten and inactive clinicians come too.")
class ActiveForgottenPastHundred(ClinicianApi):
    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        if query.is_active and query.offset >= 100:
            query = replace(query, is_active=None)
        return super().fetch(query, organisation)


@fault("FIL-02", "is_active=false is taken for an absent filter, as a falsy value.")
class InactiveTakenForAbsent(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        return super().where_active(wanted) if wanted else EVERYTHING


@fault("FIL-02", "is_active=false lists those that are neither active nor bookable online.")
class InactiveMustNotBeBookable(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        return super().where_active(wanted) if wanted else all_of(INACTIVE, _NOT_BOOKABLE)


@fault("FIL-02", "is_active=false leaves out those that were never updated, as if archived.")
class InactiveNeverUpdatedLeftOut(ClinicianApi):
    def where_active(self, wanted: bool) -> Condition:
        updated = Condition("c.updated_at <> c.created_at")
        return super().where_active(wanted) if wanted else all_of(INACTIVE, updated)


@fault("FIL-03", "Without is_active only active clinicians are listed.")
class ActiveByDefault(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        if query.is_active is None:
            query = replace(query, is_active=True)
        return super().conditions(query, organisation)


@fault("FIL-03", "Without is_active the inactive ones behind the first 200 records are left out.")
class InactiveHiddenPastTwoHundred(ClinicianApi):
    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        if query.is_active is None:
            found.append(
                one_of(Condition("c.is_active"), Condition(f"NOT ({behind(200).sql})", (200,)))
            )
        return found


@fault("FIL-04", "is_bookable_online=true lists only those bookable clinicians who are active.")
class BookableMustBeActive(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        bookable = super().where_bookable(wanted)
        return all_of(bookable, Condition("c.is_active")) if wanted else bookable


@fault("FIL-04", "is_bookable_online=true leaves out bookable clinicians who are at no location.")
class BookableOnlyAtLocation(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        bookable = super().where_bookable(wanted)
        return all_of(bookable, Condition(f"NOT ({AT_NO_LOCATION.sql})")) if wanted else bookable


@fault(
    "FIL-04", "is_bookable_online=true is applied to a page after it was cut, so pages are short."
)
class BookableAfterTheSlice(RowsAfterwards):
    def where_bookable(self, wanted: bool) -> Condition:
        return EVERYTHING if wanted else super().where_bookable(wanted)

    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["is_bookable_online"] or not query.is_bookable_online]

    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        return super().next_offset(query, query.limit, has_more)


@fault("FIL-05", "is_bookable_online=false is taken for an absent filter, as a falsy value.")
class NotBookableTakenForAbsent(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        return super().where_bookable(wanted) if wanted else EVERYTHING


@fault("FIL-05", "is_bookable_online with any value, false too, lists the bookable clinicians.")
class BookableWhateverTheValue(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        return super().where_bookable(wanted=True)


@fault("FIL-05", "is_bookable_online=false leaves out the inactive clinicians.")
class NotBookableMustBeActive(ClinicianApi):
    def where_bookable(self, wanted: bool) -> Condition:
        bookable = super().where_bookable(wanted)
        return bookable if wanted else all_of(bookable, Condition("c.is_active"))


class _BothBooleans(ClinicianApi):
    """Has a way of its own with requests that set both boolean filters."""

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        active, bookable = query.is_active, query.is_bookable_online
        if active is None or bookable is None:
            return super().conditions(query, organisation)
        bare = replace(query, is_active=None, is_bookable_online=None)
        return [*super().conditions(bare, organisation), *self.both(active, bookable)]

    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        """The conditions that stand for the two filters."""
        return [self.where_active(active), self.where_bookable(bookable)]


@fault("FIL-06", "Both boolean filters together list the profiles that match either of them.")
class BooleansJoinedByOr(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return [one_of(self.where_active(active), self.where_bookable(bookable))]


@fault("FIL-06", "Both boolean filters are skipped where both of them are false.")
class BooleansSkippedWhereBothFalse(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return super().both(active, bookable) if active or bookable else []


@fault("FIL-06", "Both boolean filters get the value of the second, which shows where they differ.")
class OneValueForBothBooleans(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return super().both(bookable, bookable)


@fault("FIL-06", "is_bookable_online is dropped where is_active=false is given with it.")
class InactiveDropsBookable(_BothBooleans):
    def both(self, active: bool, bookable: bool) -> Sequence[Condition]:
        return super().both(active, bookable) if active else [INACTIVE]


@fault("FIL-13", "A boolean filter that is neither true nor false causes a server error.")
class MalformedBooleanCrashes(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return {"true": True, "false": False}[text]


@fault("FIL-13", "An empty boolean filter causes a server error, where other texts are refused.")
class EmptyBooleanCrashes(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        if text[0] in "tf":
            raise self.invalid_parameter(name, "true or false, written out")
        return super().malformed_boolean(name, text)


@fault("FIL-13", "A boolean filter that is neither true nor false is answered 404.")
class MalformedBooleanNotFound(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        raise Refusal(404, "NOT_FOUND", "No clinician profiles match.")


@fault("FIL-14", "A boolean filter that is neither true nor false is ignored.")
class MalformedBooleanIgnored(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return None


@fault("FIL-14", "Every text but `true` means false to a boolean filter.")
class AllButTrueIsFalse(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return False


@fault("FIL-14", "Every text that is not empty means true to a boolean filter, but for `false`.")
class AllButFalseIsTrue(ClinicianApi):
    def malformed_boolean(self, name: str, text: str) -> bool | None:
        return True if text else super().malformed_boolean(name, text)
