"""What responses say beside the data: the rate limit, and no total count."""

from __future__ import annotations

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http import rate_headers
from conformance.http.exchange import Exchange, Transcript
from conformance.suite.rate_limit import counts_of, unlawful_rise
from conformance.suite.totals import total_count
from conformance.suite.universal import covered, every, is_beyond, is_from_proxy, successes


def _to_a_key(transcript: Transcript) -> list[Exchange]:
    return [
        item
        for item in covered(transcript)
        if item.request.identity != "anonymous"
        and item.status != 401
        and item.request.method in ("GET", "HEAD")
        and not is_from_proxy(item)
        and not is_beyond(item.request)
    ]


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
            f"X-RateLimit-Limit {item.header('x-ratelimit-limit') or 'absent'}, "
            f"X-RateLimit-Remaining {item.header('x-ratelimit-remaining') or 'absent'}"
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


@requirement("ENV-15", universal=True)
def test_no_total_count(transcript: Transcript, directory: Directory) -> None:
    """A number beside the data or in a header: a total, or a count that equals the list's size."""
    lists = [item for item in successes(transcript) if item.is_page]
    size = len(directory.by_id) if directory.size is None else directory.size
    found = total_count(lists, size)
    if found is not None:
        page, path, value = found
        raise page.breach("no total count", f"{path} {value}")
    if not any(item.member("meta", "has_more") is True for item in lists):
        raise Inconclusive("no page with has_more true was received")
