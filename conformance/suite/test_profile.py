"""The profile: 17 members of the right type, in every row and every retrieved profile of a run."""

from __future__ import annotations

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.exchange import Transcript
from conformance.suite.profiles import (
    email_is_address,
    every_record,
    has_members,
    id_is_uuid,
    is_timestamp,
    names_no_secret,
    no_id_for_two_profiles,
    no_id_twice,
    nullable_members,
    of_type,
    photo_url_is_absolute,
    require_value,
    updated_after_created,
)
from conformance.suite.universal import is_list, reads


@requirement("OBJ-01", universal=True, depth=Depth.SMOKE)
def test_every_row_has_all_members(transcript: Transcript, contract: Contract) -> None:
    every_record(transcript, has_members(contract.members), singles=False)


@requirement("OBJ-02", universal=True, depth=Depth.SMOKE)
def test_every_retrieved_profile_has_all_members(
    transcript: Transcript, contract: Contract
) -> None:
    every_record(transcript, has_members(contract.members), rows=False)


@requirement("OBJ-03", universal=True, depth=Depth.SMOKE)
def test_id_is_a_uuid(transcript: Transcript) -> None:
    every_record(transcript, id_is_uuid)


@requirement("OBJ-04", universal=True, depth=Depth.SMOKE)
def test_no_two_profiles_share_an_id(transcript: Transcript, directory: Directory) -> None:
    """Neither on one page nor, with different created_at, on the pages by which the directory was read."""
    for page in reads(transcript):
        if page.is_page and is_list(page):
            no_id_twice(page)
    if len(directory.rows) < 2:
        raise Inconclusive("fewer than two profiles were received")
    no_id_for_two_profiles(directory.pages)


@requirement("OBJ-05", universal=True)
def test_name_is_a_string(transcript: Transcript) -> None:
    every_record(transcript, of_type("name", str, null=False))


@requirement("OBJ-06", universal=True)
def test_flags_are_booleans(transcript: Transcript) -> None:
    every_record(transcript, of_type("is_active", bool, null=False))
    every_record(transcript, of_type("is_bookable_online", bool, null=False))


@requirement("OBJ-07", universal=True)
def test_timestamps_are_rfc_3339(transcript: Transcript) -> None:
    every_record(transcript, is_timestamp("created_at"))
    every_record(transcript, is_timestamp("updated_at"))


@requirement("OBJ-08", universal=True)
def test_other_members_are_strings_or_null(transcript: Transcript, contract: Contract) -> None:
    for name in nullable_members(contract):
        if name != "registration_number":  # it has a requirement of its own
            every_record(transcript, of_type(name, str, null=True))


@requirement("OBJ-09", universal=True)
def test_registration_number_is_a_string(transcript: Transcript) -> None:
    every_record(transcript, of_type("registration_number", str, null=True))
    require_value(transcript, "registration_number")


@requirement("OBJ-10", universal=True)
def test_email_is_an_address(transcript: Transcript) -> None:
    every_record(transcript, email_is_address)
    require_value(transcript, "email")


@requirement("OBJ-11", universal=True)
def test_photo_url_is_an_absolute_uri(transcript: Transcript) -> None:
    every_record(transcript, photo_url_is_absolute)
    require_value(transcript, "photo_url")


@requirement("OBJ-12", universal=True)
def test_updated_is_not_before_created(transcript: Transcript) -> None:
    every_record(transcript, updated_after_created)


@requirement("OBJ-13", universal=True)
def test_no_member_speaks_of_a_secret(transcript: Transcript) -> None:
    every_record(transcript, names_no_secret)
