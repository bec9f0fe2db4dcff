"""Servers with a wrong retrieve of one profile (RET-01 to RET-06)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from datetime import UTC, datetime

from conformance.faults.pieces import INACTIVE, all_of, behind, negated
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.schema import MEMBERS
from conformance.reference.store import Identity, Row, Store
from conformance.text.stamps import rfc3339


@fault("RET-01", "Only the first 100 profiles of the list can be retrieved; the others return 404.")
class FirstHundredRetrievable(ClinicianApi):
    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        return all_of(super().where_retrieved(clinician_id, organisation), negated(behind(100)))


@fault(
    "RET-01",
    "A retrieve returns the first profile with the same `created_at` as the requested one.",
)
class FirstOfItsSecondRetrieved(ClinicianApi):
    def find(self, clinician_id: str, organisation: str) -> Row | None:
        row = super().find(clinician_id, organisation)
        if row is None:
            return None
        same_time = Condition("c.created_at = ?", (row["created_at"],))
        scope = self.where_organisation(organisation)
        return self.select(all_of(scope, same_time), self.order_by, 1, 0)[0]


@fault("RET-01", "An id that starts with 0 returns 404.")
class LeadingZeroLost(ClinicianApi):
    def parse_id(self, text: str) -> str:
        return super().parse_id(text).lstrip("0")


@fault("RET-02", "A retrieved profile has empty strings where the list has null.")
class RetrieveEmptiesNulls(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        return {name: "" if value is None else value for name, value in self.profile(row).items()}


@fault("RET-02", "The list cuts `bio` to 60 characters.")
class ListCutsBio(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        profile = self.profile(row)
        return {**profile, "bio": profile["bio"] and profile["bio"][:60]}


@fault("RET-02", "A retrieved profile has a `registration_number` without its leading zeros.")
class RetrieveStripsLeadingZeros(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        profile = self.profile(row)
        number = profile["registration_number"]
        return {**profile, "registration_number": number and number.lstrip("0")}


@fault("RET-02", "The list shows `name` as `display_name` if `display_name` is null.")
class ListFillsDisplayName(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        profile = self.profile(row)
        return {**profile, "display_name": profile["display_name"] or profile["name"]}


@fault("RET-02", "`is_bookable_online` of a retrieved inactive profile is always false.")
class InactiveRetrievedAsNotBookable(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        profile = self.profile(row)
        bookable = profile["is_bookable_online"] and profile["is_active"]
        return {**profile, "is_bookable_online": bookable}


@fault(
    "RET-02", "After the first 100 records, the list has the value of `created_at` in `updated_at`."
)
class ListIsBehindPastHundred(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        by_id = Condition("c.id = ?", (row["id"],))
        is_late = self.select(all_of(by_id, behind(100)), "c.id", 1, 0)
        profile = self.profile(row)
        return {**profile, "updated_at": profile["created_at"]} if is_late else profile


@fault("RET-02", "`role` of a retrieved clinician with several locations ends with a space.")
class RoleEndsInBlank(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        profile = self.profile(row)
        sql = (
            "SELECT 1 FROM clinician_locations AS l JOIN clinicians AS c ON c.number = l.clinician"
            " WHERE c.id = ?"
        )
        several = len(self.store.rows(sql, (row["id"],))) > 1
        return (
            {**profile, "role": f"{profile['role']} "} if several and profile["role"] else profile
        )


@fault("RET-03", "An unknown id returns 200 with null for `data`.")
class UnknownIdGivesNull(ClinicianApi):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        try:
            return super().retrieve_profile(context, identity)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return {"data": None, "meta": self.meta(context)}


@fault("RET-03", "An unknown id returns 403.")
class UnknownIdForbidden(ClinicianApi):
    def profile_not_found(self) -> Refusal:
        return Refusal(403, "FORBIDDEN", "You may not see this clinician profile.")


@fault("RET-03", "An unknown id returns 500.")
class UnknownIdCrashes(ClinicianApi):
    def find(self, clinician_id: str, organisation: str) -> Row | None:
        rows = self.select(self.where_retrieved(clinician_id, organisation), "c.id", 1, 0)
        return rows[0]


@fault("RET-03", "An unknown id returns the profile with the next higher id.")
class UnknownIdGivesTheNext(ClinicianApi):
    def find(self, clinician_id: str, organisation: str) -> Row | None:
        at_least = Condition("c.id >= ?", (clinician_id,))
        scope = self.where_organisation(organisation)
        rows = self.select(all_of(scope, at_least), "c.id", 1, 0)
        return rows[0] if rows else None


@fault("RET-04", "An id that is not a UUID returns 500.")
class MalformedIdCrashes(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if not self.is_uuid(text):
            raise ValueError("badly formed hexadecimal UUID string")
        return super().parse_id(text)


@fault("RET-04", "A number instead of an id returns the profile at that position in the list.")
class NumberTakenForAnId(ClinicianApi):
    def parse_id(self, text: str) -> str:
        is_number = text.isascii() and text.isdigit() and len(text) < 10
        return text if is_number else super().parse_id(text)

    def find(self, clinician_id: str, organisation: str) -> Row | None:
        if not clinician_id.isdigit():
            return super().find(clinician_id, organisation)
        position = max(int(clinician_id) - 1, 0)
        rows = self.select(self.where_organisation(organisation), self.order_by, 1, position)
        return rows[0] if rows else None


@fault("RET-04", "The first eight characters of an id are accepted as the id.")
class FirstGroupTakenForTheId(ClinicianApi):
    def parse_id(self, text: str) -> str:
        return text.lower() if len(text) == 8 else super().parse_id(text)

    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        start = Condition("substr(c.id, 1, ?) = ?", (len(clinician_id), clinician_id))
        return all_of(self.where_organisation(organisation), start)


@fault("RET-05", "An inactive profile returns 404.")
class InactiveNotRetrieved(ClinicianApi):
    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        return all_of(super().where_retrieved(clinician_id, organisation), Condition("c.is_active"))


@fault("RET-05", "An inactive profile returns 410.")
class InactiveIsGone(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        if not row["is_active"]:
            raise Refusal(410, "GONE", "This clinician is no longer active.")
        return self.profile(row)


@fault("RET-05", "An inactive profile that cannot be booked online returns 404.")
class InactiveNotBookableNotRetrieved(ClinicianApi):
    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        dormant = all_of(INACTIVE, Condition("c.is_bookable_online = 0"))
        return all_of(super().where_retrieved(clinician_id, organisation), negated(dormant))


@fault("RET-06", "`updated_at` of a retrieved profile is the time of the request.")
class UpdatedAtIsNow(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        now = rfc3339(datetime.now(UTC), "microseconds")
        return {**self.profile(row), "updated_at": now}


class _CountsRetrieves(ClinicianApi):
    """An API that counts how often each profile is retrieved."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.reads: dict[str, int] = {}

    def single_profile(self, row: Row) -> Body:
        count = self.reads[row["id"]] = self.reads.get(row["id"], 0) + 1
        return self.retrieved(self.profile(row), count)

    def retrieved(self, profile: Body, count: int) -> Body:
        """Return the profile to send for the ``count``-th retrieve; the first has ``count`` 1."""
        return profile


@fault("RET-02", "A retrieve labels its timestamps `+01:00`, and does not change their digits.")
class RetrievedTimesAreMislabelled(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        profile = super().single_profile(row)
        times = {name: profile[name] for name in ("created_at", "updated_at")}
        return profile | {name: text.replace("Z", "+01:00") for name, text in times.items()}


@fault(
    "RET-06", "From the second request on, a retrieved profile has empty strings instead of null."
)
class SecondReadHasNoNulls(_CountsRetrieves):
    def retrieved(self, profile: Body, count: int) -> Body:
        if count == 1:
            return profile
        return {name: "" if profile[name] is None else profile[name] for name in MEMBERS}


@fault(
    "RET-06", "Every second retrieve of a profile has the value of `created_at` in `updated_at`."
)
class ReplicaIsBehind(_CountsRetrieves):
    def retrieved(self, profile: Body, count: int) -> Body:
        return profile if count % 2 else {**profile, "updated_at": profile["created_at"]}
