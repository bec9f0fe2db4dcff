"""What responses say beside the data: the rate limit, and no total count."""

from __future__ import annotations

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http import rate_headers
from conformance.http.api import as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Query
from conformance.judging.session import Session
from conformance.suite.rate_limit import LEAST_OTHERS, counted_with_others, counts_of, unlawful_rise
from conformance.suite.totals import of_two_lists, total_count
from conformance.suite.universal import covered, every, is_beyond, is_from_proxy, successes
from conformance.target.credentials import IDENTITIES, NAMES, OWN
from conformance.text.wording import written


def _to_a_key(transcript: Transcript) -> list[Exchange]:
    return [item for item in covered(transcript) if item.fact(_is_to_a_key)]


def _is_to_a_key(item: Exchange) -> bool:
    return (
        item.request.identity != "anonymous"
        and item.status != 401
        and item.request.method in ("GET", "HEAD")
        and not item.fact(is_from_proxy)
        and not is_beyond(item.request)
    )


def _told(item: Exchange, name: str) -> str:
    value = item.header(name) or "absent"
    return value if value == "absent" or value.isdecimal() else written(value)


@requirement("ENV-13", universal=True)
def test_answers_to_a_key_tell_its_rate_limit(transcript: Transcript) -> None:
    def holds(item: Exchange) -> bool:
        return None not in (rate_headers.limit(item), rate_headers.remaining(item))

    every(
        _to_a_key(transcript),
        "response to a key",
        holds,
        "X-RateLimit-Limit and X-RateLimit-Remaining, each a number",
        lambda item: (
            f"X-RateLimit-Limit {_told(item, 'x-ratelimit-limit')}, "
            f"X-RateLimit-Remaining {_told(item, 'x-ratelimit-remaining')}"
        ),
    )


@requirement("ENV-14", universal=True)
def test_remaining_requests_never_rise(transcript: Transcript) -> None:
    """Except at the top of the hour. Judged are requests that were sent after another's response."""
    compared = 0
    for identity in ("own", "other"):
        pairs, rise = unlawful_rise(counts_of(_to_a_key(transcript), identity))
        compared += pairs
        if rise is not None:
            earlier, later = rise
            raise later.exchange.breach(
                f"at most {earlier.remaining} remaining, as in exchange {earlier.exchange.number}",
                f"{later.remaining} remaining",
            )
    if not compared:
        raise Inconclusive(
            "no two responses with X-RateLimit-Remaining were requested one after the other"
        )


@requirement("ENV-17", universal=True)
def test_a_key_pays_for_its_own_requests_alone(session: Session, transcript: Transcript) -> None:
    """A limit by address, or one for all keys, lets any client use up the requests of another."""
    exchanges = list(transcript)
    again = sum(session.client.attempts.values()) - len(exchanges)
    if again > LEAST_OTHERS:
        raise Inconclusive(f"{again} requests were sent again, and may have been counted each time")
    most, counted = 0, False
    for identity in IDENTITIES:
        counts = counts_of(_to_a_key(transcript), identity)
        others, shared = counted_with_others(exchanges, counts)
        most, counted = max(most, others), counted or bool(counts)
        if shared is not None:
            raise shared.last.exchange.breach(
                f"a count that fell by {shared.mine}, the requests with {NAMES[identity]}",
                f"it fell by {shared.fall}, as {shared.others} requests {shared.who} count too",
                certain=True,
            )
    if counted and most < LEAST_OTHERS:
        raise Inconclusive(f"only {most} requests of others were sent, which show nothing")


@requirement("ENV-15", universal=True)
def test_no_total_count(transcript: Transcript, directory: Directory) -> None:
    """A number beside the data or in a header: a total, or a count that equals the list's size."""
    lists = [item for item in successes(transcript) if item.is_page]
    size = len(directory.by_id) if directory.size is None else directory.size
    found = total_count(lists, size) or of_two_lists(
        [item for item in lists if item.request.identity == OWN], _sizes(directory)
    )
    if found is not None:
        page, path, value = found
        raise page.breach("no total count", f"{path} {value}")
    if not any(item.member("meta", "has_more") is True for item in lists):
        raise Inconclusive("no page with has_more true was received")


def _sizes(directory: Directory) -> dict[Query, int]:
    """Return how many profiles the list has, and each of the filters with a boolean."""
    if not directory.complete:
        return {}
    return {
        (): directory.total,
        **{
            as_query(**{name: value}): len(directory.matching(**{name: value}))
            for name in ("is_active", "is_bookable_online")
            for value in (True, False)
        },
    }
