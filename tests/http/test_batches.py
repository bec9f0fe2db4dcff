"""What of a batch goes out together, and what in turn."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.http.api import Api, item_path
from conformance.http.batches import Phase, in_record, phases
from conformance.http.client import ExchangeOrError
from conformance.http.request import Request, Turn
from conformance.target.credentials import ANONYMOUS, OTHER, OWN

ID = "00000000-0000-4000-8000-000000000001"


def nobody(requests: Sequence[Request]) -> list[ExchangeOrError]:
    raise AssertionError(requests)


API = Api(nobody)
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


def test_identities_are_those_of_the_credentials() -> None:
    assert [item.identity for item in PLAIN] == [OWN, OTHER, ANONYMOUS, OTHER]


def test_what_depends_on_nothing_goes_out_at_once() -> None:
    assert phases(PLAIN) == [Phase(PLAIN)]
    assert phases([]) == []


def test_a_key_has_nothing_beside_what_it_sends_in_turn() -> None:
    """Other keys may read meanwhile, and must not write."""
    first, second = phases([*PLAIN, *READING])
    assert first.at_once == [PLAIN[0], PLAIN[3]]
    assert second.at_once == [PLAIN[1], PLAIN[2]]
    assert [lane for lane in second.lanes if lane] == [READING]


def test_what_two_keys_send_in_turn_has_nothing_beside_it() -> None:
    first, second = phases([*PLAIN, *AFTER_THE_OTHER, *AFTER_ITS_OWNER])
    assert first.at_once == PLAIN
    assert second == Phase([], [[*AFTER_THE_OTHER, *AFTER_ITS_OWNER]])


def test_what_is_timed_comes_last_and_alone() -> None:
    *_, last = phases([*TIMED, *PLAIN, *READING, *AFTER_THE_OTHER])
    assert last == Phase([], [TIMED])


def test_every_request_is_in_one_phase_and_in_its_order() -> None:
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


def test_the_record_has_what_went_out_at_once_first() -> None:
    batch = [*TIMED, *READING, *PLAIN]
    assert sorted(batch, key=in_record) == [*PLAIN, *READING, *TIMED]
