"""Members of profiles: which values are as the contract has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from conformance.contract.verdict import Breach
from conformance.suite.profiles import (
    email_is_address,
    has_members,
    id_is_uuid,
    is_absolute_uri,
    is_secret,
    moment,
    names_no_secret,
    no_id_for_two_profiles,
    no_id_twice,
    of_type,
    updated_after_created,
)
from tests.support.rows import ID, page, row


def test_a_timestamp_has_a_zone() -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert moment("2026-01-02T12:00:00Z") == noon
    assert moment("2026-01-02t12:00:00.000000001z") == noon
    assert moment("2026-01-02 13:00:00+01:00") == noon.astimezone(timezone(timedelta(hours=1)))
    assert moment("2026-01-02T12:00:60Z") is not None
    for text in ("2026-01-02T12:00:00", "2026-02-30T12:00:00Z", "2026-01-02", "", 7, None):
        assert moment(text) is None


@pytest.mark.parametrize("name", ["password", "passwordHash", "api_token", "APISecret"])
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)
    assert names_no_secret({"account": [{name: 1}]}) is not None


@pytest.mark.parametrize("name", ["secretary", "hashtag", "tokenised", "name"])
def test_names_that_are_no_secret(name: str) -> None:
    assert not is_secret(name)
    assert names_no_secret({"account": [{name: 1}]}) is None


@pytest.mark.parametrize(
    ("text", "absolute"),
    [
        ("https://x.test/a.png", True),
        ("data:image/png;base64,AA", True),
        ("/a.png", False),
        ("https:///a.png", False),
        ("https://x.test/a b.png", False),
        ("http://[x", False),
    ],
)
def test_absolute_uris(text: str, absolute: bool) -> None:
    assert is_absolute_uri(text) is absolute


def test_an_email_may_be_null_and_must_be_an_address() -> None:
    assert email_is_address({"email": None}) is None
    assert email_is_address({"email": "a.b+c@x.test"}) is None
    assert email_is_address({"email": "a at x"}) is not None


def test_types_are_json_types() -> None:
    check = of_type("flag", bool, null=False)
    assert check({}) is None
    assert check({"flag": True}) is None
    assert check({"flag": 1}) == ("flag true or false", "flag an integer")
    assert check({"flag": None}) == ("flag true or false", "flag null")
    assert of_type("bio", str, null=True)({"bio": None}) is None


def test_missing_members_are_named() -> None:
    assert has_members(["id", "bio"])({"id": 1, "bio": None}) is None
    assert has_members(["id", "bio"])({"id": 1}) == ("all 2 members", "bio is missing")


def test_an_id_is_a_uuid() -> None:
    assert id_is_uuid(row(1)) is None
    assert id_is_uuid({"id": 1}) == ("id a UUID", "id 1")


def test_an_update_is_not_before_the_creation() -> None:
    early, late = "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"
    assert updated_after_created({"created_at": early, "updated_at": late}) is None
    assert updated_after_created({"created_at": late, "updated_at": early}) is not None
    assert updated_after_created({"created_at": late, "updated_at": "soon"}) is None


def test_an_id_stands_for_one_profile() -> None:
    one, two = row(1, created_at="a"), row(1, created_at="b")
    no_id_twice(page([one, row(2)]))
    no_id_for_two_profiles([page([one]), page([one])])
    with pytest.raises(Breach) as breach:
        no_id_twice(page([one, two]))
    assert breach.value.findings[0].received == f"id {ID.format(1)} for two different profiles"
    with pytest.raises(Breach):
        no_id_for_two_profiles([page([one]), page([two])])
