"""Authentication: a valid key is accepted, and any other credential is refused."""

from __future__ import annotations

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import COLLECTION
from conformance.judging.session import Session
from conformance.suite.comparison import must_be_alike
from conformance.suite.expect import expect
from conformance.suite.isolation import UNKNOWN_ID
from conformance.suite.universal import covered
from conformance.suite.witnesses import known_or_unknown
from conformance.target.credentials import CREDENTIALS


def refused(api: Api, credential: str, session: Session, record: str) -> list[Exchange]:
    """Expect 401 with its envelope for a list and a retrieve with an invalid credential."""
    if not CREDENTIALS[credential].applies(session.target):
        raise Inconclusive("the key has no letters, so it is the same in another letter case")
    stranger = api.as_(credential)
    answers = stranger.many([stranger.request(), stranger.request(path=item_path(record))])
    for answer in answers:
        expect(answer).error(401)
    return answers


@requirement("AUTH-01", depth=Depth.SMOKE)
def test_valid_key_is_accepted(api: Api, directory: Directory) -> None:
    """Another error than 401 and 403 says nothing of the key, and is judged elsewhere."""
    accepted(api.list())
    directory.require(1, "there is no profile to retrieve")
    accepted(api.get(directory.seen[0]))


def accepted(answer: Exchange) -> None:
    """Expect that the key of a request is not refused."""
    if answer.status in (401, 403):
        raise answer.breach("no refusal of the key", answer.summary(), certain=True)
    if answer.status >= 500:
        raise Inconclusive(f"exchange {answer.number} returned {answer.summary()}")


@requirement("AUTH-02", depth=Depth.SMOKE)
def test_request_without_a_key(
    api: Api, session: Session, directory: Directory, unknown: list[str]
) -> None:
    refused(api, "no key", session, known_or_unknown(directory, unknown))


@requirement("AUTH-02", depth=Depth.SMOKE)
def test_request_without_a_key_to_a_path_with_a_slash_behind_it(
    api: Api, directory: Directory, unknown: list[str]
) -> None:
    """The contract leaves open whether a path with a trailing slash exists. If it does, it needs a key."""
    stranger = api.as_("no key")
    record = known_or_unknown(directory, unknown)
    for answer in stranger.many(
        [stranger.request(path=f"{path}/") for path in (COLLECTION, item_path(record))]
    ):
        if answer.is_page or answer.is_record:
            raise answer.breach("no data without a key", answer.summary())


@requirement("AUTH-03")
def test_key_that_was_never_issued(
    api: Api, session: Session, directory: Directory, unknown: list[str]
) -> None:
    refused(api, "a key never issued", session, known_or_unknown(directory, unknown))


@requirement("AUTH-04")
@pytest.mark.parametrize(
    "credential",
    [
        "key with its prefix changed",
        "key with its first letter changed",
        "key with a middle letter changed",
        "key with its last letter changed",
    ],
)
def test_key_with_a_letter_changed(
    api: Api, session: Session, directory: Directory, unknown: list[str], credential: str
) -> None:
    refused(api, credential, session, known_or_unknown(directory, unknown))


@requirement("AUTH-05")
def test_key_in_another_letter_case(
    api: Api, session: Session, directory: Directory, unknown: list[str]
) -> None:
    refused(api, "key in another letter case", session, known_or_unknown(directory, unknown))


@requirement("AUTH-06")
@pytest.mark.parametrize(
    "credential",
    [
        "key with a suffix",
        "key with letters of its scheme as a suffix",
        "key without its last letter",
    ],
)
def test_key_that_is_too_long_or_too_short(
    api: Api, session: Session, directory: Directory, unknown: list[str], credential: str
) -> None:
    refused(api, credential, session, known_or_unknown(directory, unknown))


@requirement("AUTH-07")
def test_bearer_without_a_key(
    api: Api, session: Session, directory: Directory, unknown: list[str]
) -> None:
    refused(api, "empty bearer", session, known_or_unknown(directory, unknown))


@requirement("AUTH-08")
@pytest.mark.parametrize("credential", ["no key", "a key never issued"])
def test_without_a_key_no_id_tells_whether_it_exists(
    api: Api, directory: Directory, unknown: list[str], credential: str
) -> None:
    directory.require(1, "there is no existing id to compare with an unknown one")
    stranger = api.as_(credential)
    existing, other = stranger.gets([directory.ids[0], unknown[0]])
    must_be_alike(stranger, [existing], [other], UNKNOWN_ID)


@requirement("AUTH-08")
def test_head_without_a_key_tells_as_little(
    api: Api, directory: Directory, unknown: list[str]
) -> None:
    """HEAD of an existing id has the status of GET, or that of HEAD of an unknown id."""
    directory.require(1, "there is no existing id to compare with an unknown one")
    stranger = api.as_("no key")
    existing = stranger.send(stranger.request("HEAD", item_path(directory.ids[0])))
    if existing.status == stranger.get(directory.ids[0]).status:
        return
    other = stranger.send(stranger.request("HEAD", item_path(unknown[0])))
    if existing.status != other.status:
        raise existing.breach(f"{other.status}, as for HEAD of an unknown id", existing.summary())


@requirement("AUTH-09")
@pytest.mark.parametrize(
    "credential", ["key under the Basic scheme", "key as the user name of Basic"]
)
def test_key_under_another_scheme(
    api: Api, session: Session, directory: Directory, unknown: list[str], credential: str
) -> None:
    refused(api, credential, session, known_or_unknown(directory, unknown))


@requirement("AUTH-10", universal=True)
def test_unauthorized_names_the_scheme(transcript: Transcript) -> None:
    answers = [item for item in covered(transcript) if item.status == 401]
    if not answers:
        raise Inconclusive("no response had status 401")
    for answer in answers:
        if not (answer.header("www-authenticate") or "").strip():
            raise answer.breach("a WWW-Authenticate header", "no such header, or an empty one")
