"""The phases of a batch: requests sent at once, and in turn."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.http.api import Api, item_path
from conformance.http.batches import Phase, in_record, phases
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request, Turn
from conformance.target.credentials import ANONYMOUS, OTHER, OWN

ID = "00000000-0000-4000-8000-000000000001"


def never_asked(requests: Sequence[Request]) -> list[ExchangeOrError]:
    raise AssertionError(requests)


API = Api(never_asked)
OTHERS = API.as_(OTHER)
STRANGER = API.as_("no key")

PLAIN = [API.request(), OTHERS.request(), STRANGER.request(), OTHERS.request("POST")]
READING = API.turns(
    [API.request(), API.request(path=item_path(ID)), API.request()], "reading", Turn.OF_ITS_KEY
)
AFTER_THE_OTHER = API.turns([OTHERS.request(), API.request()], "after", Turn.OF_ITS_KEY)
AFTER_ITS_OWNER = API.turns(
    [OTHERS.request(path=item_path(ID)), API.request(path=item_path(ID))], "owner", Turn.OF_ITS_KEY
)
TIMED = API.turns([API.request(path=item_path(ID))] * 3, "timed", Turn.ALONE)


def test_each_credential_has_its_identity() -> None:
    assert [item.identity for item in PLAIN] == [OWN, OTHER, ANONYMOUS, OTHER]


def test_independent_requests_are_sent_at_once() -> None:
    assert phases(PLAIN) == [Phase(PLAIN)]
    assert phases([]) == []


def test_a_sequence_of_a_key_has_no_other_request_of_it_beside() -> None:
    """Other keys may read at the same time, and must not write."""
    first, second = phases([*PLAIN, *READING])
    assert first.at_once == [PLAIN[0], PLAIN[3]]
    assert second.at_once == [PLAIN[1], PLAIN[2]]
    assert [lane for lane in second.lanes if lane] == [READING]


def test_a_sequence_of_two_keys_runs_alone() -> None:
    first, second = phases([*PLAIN, *AFTER_THE_OTHER, *AFTER_ITS_OWNER])
    assert first.at_once == PLAIN
    assert second == Phase([], [[*AFTER_THE_OTHER, *AFTER_ITS_OWNER]])


def test_timed_requests_are_sent_last_and_alone() -> None:
    *_, last = phases([*TIMED, *PLAIN, *READING, *AFTER_THE_OTHER])
    assert last == Phase([], [TIMED])


def test_every_request_is_in_one_phase_in_order() -> None:
    batch = [*TIMED, *PLAIN, *AFTER_ITS_OWNER, *READING, *AFTER_THE_OTHER]
    sent = [
        request
        for phase in phases(batch)
        for lane in [phase.at_once, *phase.lanes]
        for request in lane
    ]
    assert sorted(map(repr, sent)) == sorted(map(repr, batch))
    for sequence in (READING, AFTER_THE_OTHER, AFTER_ITS_OWNER, TIMED):
        assert [request for request in sent if request in sequence] == sequence


def test_the_record_starts_with_requests_sent_at_once() -> None:
    batch = [*TIMED, *READING, *PLAIN]
    assert sorted(batch, key=in_record) == [*PLAIN, *READING, *TIMED]
