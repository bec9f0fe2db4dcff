"""Servers with wrong profiles: missing members, types and formats (OBJ-01 to OBJ-13)."""

from __future__ import annotations

from conformance.faults.questions import imported
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.store import Identity, Row

_SUMMARY = ("id", "name", "display_name", "role", "is_active", "is_bookable_online")


def _without(profile: Body, *members: str) -> Body:
    return {name: value for name, value in profile.items() if name not in members}


# OBJ-01 and OBJ-02: all 17 members


@fault("OBJ-01", "List records have no members whose value is null.")
class RowsDropNulls(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        profile = super().list_profile(row)
        return {name: value for name, value in profile.items() if value is not None}


@fault("OBJ-01", "Search results have only six of the 17 members.")
class SearchRowsAreSummaries(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        if "search" in context.request.query_params:
            body["data"] = [{name: row[name] for name in _SUMMARY} for row in body["data"]]
        return body


@fault("OBJ-01", "On pages of more than 50 records, records have no `photo_url` and no `bio`.")
class LargePagesAreLighter(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        if len(body["data"]) > 50:
            body["data"] = [_without(row, "photo_url", "bio") for row in body["data"]]
        return body


@fault("OBJ-01", "In the list, the bulk-imported records (143 to 171) have no `updated_at`.")
class ImportedRowsHaveNoUpdatedAt(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        profile = super().list_profile(row)
        return _without(profile, "updated_at") if imported(row) else profile


@fault("OBJ-02", "A retrieved profile has no members whose value is null.")
class RetrieveDropsNulls(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        profile = super().single_profile(row)
        return {name: value for name, value in profile.items() if value is not None}


@fault("OBJ-02", "A retrieved inactive profile has no `is_bookable_online`.")
class InactiveProfileCannotBeBooked(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        profile = super().single_profile(row)
        return profile if profile["is_active"] else _without(profile, "is_bookable_online")


# OBJ-03 and OBJ-04: the id


class _OtherIds(ClinicianApi):
    """An API that adds a prefix or suffix to ids, and accepts ids with and without it."""

    prefix = ""
    suffix = ""

    def profile(self, row: Row) -> Body:
        return {**super().profile(row), "id": f"{self.prefix}{row['id']}{self.suffix}"}

    def parse_id(self, text: str) -> str:
        return super().parse_id(text.removeprefix(self.prefix).removesuffix(self.suffix))


@fault("OBJ-03", "The ids of inactive profiles start with `archived-`.")
class InactiveIdsArePrefixed(_OtherIds):
    prefix = "archived-"

    def profile(self, row: Row) -> Body:
        return ClinicianApi.profile(self, row) if row["is_active"] else super().profile(row)


@fault(
    "OBJ-03",
    "In the list, one bulk-imported record (143 to 171) has the id `150` instead of a UUID.",
)
class OneImportedIdIsNumeric(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        profile = super().list_profile(row)
        if not imported(row):
            return profile
        sql = "SELECT max(id) AS id FROM clinicians WHERE created_at = ?"
        last = self.store.rows(sql, (row["created_at"],))[0]["id"]
        return {**profile, "id": "150"} if row["id"] == last else profile


@fault("OBJ-04", "In the list, all bulk-imported records (143 to 171) have the same id.")
class ImportedRowsShareAnId(ClinicianApi):
    def list_profile(self, row: Row) -> Body:
        profile = super().list_profile(row)
        if not imported(row):
            return profile
        sql = "SELECT min(id) AS id FROM clinicians WHERE created_at = ?"
        return {**profile, **self.store.rows(sql, (row["created_at"],))[0]}


@fault("OBJ-04", "A list record without an e-mail address has the id of the record before it.")
class RowsWithoutEmailRepeatAnId(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        previous: Body | None = None
        for row in body["data"]:
            if previous is not None and row["email"] is None:
                row["id"] = previous["id"]
            previous = row
        return body


# OBJ-05 to OBJ-09: types of the members


@fault("OBJ-05", "`name` is null if `title` is null.")
class NameIsNullWithoutTitle(ClinicianApi):
    def profile(self, row: Row) -> Body:
        name = row["name"] if row["title"] is not None else None
        return {**super().profile(row), "name": name}


@fault("OBJ-06", "`is_active` and `is_bookable_online` are 0 or 1 instead of booleans.")
class BooleansAreNumbers(ClinicianApi):
    def profile(self, row: Row) -> Body:
        flags = {name: int(row[name]) for name in ("is_active", "is_bookable_online")}
        return {**super().profile(row), **flags}


@fault("OBJ-06", "`is_bookable_online` of an inactive profile is null.")
class InactiveBookingIsNull(ClinicianApi):
    def profile(self, row: Row) -> Body:
        profile = super().profile(row)
        return profile if profile["is_active"] else {**profile, "is_bookable_online": None}


@fault("OBJ-07", "Timestamps have no time zone.")
class TimestampsWithoutZone(ClinicianApi):
    def profile(self, row: Row) -> Body:
        timestamps = {name: row[name].removesuffix("Z") for name in ("created_at", "updated_at")}
        return {**super().profile(row), **timestamps}


@fault("OBJ-07", "`updated_at` ends with both an offset and a Z: `+00:00Z`.")
class TimestampsWithTwoZones(ClinicianApi):
    def profile(self, row: Row) -> Body:
        updated = row["updated_at"].replace("Z", "+00:00Z")
        return {**super().profile(row), "updated_at": updated}


@fault("OBJ-07", "`updated_at` of a profile that was never updated is null.")
class NeverChangedIsNull(ClinicianApi):
    def profile(self, row: Row) -> Body:
        updated = row["updated_at"] if row["updated_at"] != row["created_at"] else None
        return {**super().profile(row), "updated_at": updated}


@fault("OBJ-08", "`qualifications` is an array instead of a string.")
class QualificationsAreAnArray(ClinicianApi):
    def profile(self, row: Row) -> Body:
        items = row["qualifications"] and row["qualifications"].split(", ")
        return {**super().profile(row), "qualifications": items}


@fault("OBJ-08", "`photo_url` is false instead of null if there is no photo.")
class NoPhotoIsFalse(ClinicianApi):
    def profile(self, row: Row) -> Body:
        return {**super().profile(row), "photo_url": row["photo_url"] or False}


@fault("OBJ-08", "`role` of a retrieved profile is an object instead of a string.")
class RetrievedRoleIsAnObject(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        role = row["role"] and {"name": row["role"]}
        return {**super().single_profile(row), "role": role}


@fault("OBJ-09", "`registration_number` is a number if it has only digits.")
class RegistrationIsNumeric(ClinicianApi):
    def profile(self, row: Row) -> Body:
        text = row["registration_number"]
        number = int(text) if text and text.isdigit() else text
        return {**super().profile(row), "registration_number": number}


# OBJ-10 to OBJ-13: recommendations


@fault("OBJ-10", "`email` is an empty string instead of null if there is no address.")
class NoEmailIsEmpty(ClinicianApi):
    def profile(self, row: Row) -> Body:
        return {**super().profile(row), "email": row["email"] or ""}


@fault("OBJ-10", '`email` of an inactive profile has the word "at" instead of the @ sign.')
class InactiveEmailIsSpelled(ClinicianApi):
    def profile(self, row: Row) -> Body:
        profile = super().profile(row)
        if row["email"] and not row["is_active"]:
            profile["email"] = row["email"].replace("@", " at ")
        return profile


@fault("OBJ-11", "`photo_url` of an inactive profile has no scheme.")
class InactivePhotoHasNoScheme(ClinicianApi):
    def profile(self, row: Row) -> Body:
        profile = super().profile(row)
        if row["photo_url"] and not row["is_active"]:
            profile["photo_url"] = row["photo_url"].removeprefix("https:")
        return profile


@fault("OBJ-12", "`updated_at` of a profile that was never updated is in 1970.")
class NeverChangedIsTheEpoch(ClinicianApi):
    def profile(self, row: Row) -> Body:
        changed = row["updated_at"] != row["created_at"]
        updated = row["updated_at"] if changed else "1970-01-01T00:00:00Z"
        return {**super().profile(row), "updated_at": updated}


@fault("OBJ-13", "Profiles have a member `password_hash`, which is null.")
class PasswordHashIsShown(ClinicianApi):
    def profile(self, row: Row) -> Body:
        return {**super().profile(row), "password_hash": None}


@fault("OBJ-13", "A retrieved profile has a `calendar` object with a `syncToken`.")
class CalendarTokenIsShown(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        return {**super().single_profile(row), "calendar": {"syncToken": row["id"][:8]}}
