"""The envelope: judged in every response of a run, errors included."""

from __future__ import annotations

import re

from conformance.contract.cases import Depth, requirement
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript, quoted
from conformance.suite.caches import is_repeat_of_a_cache
from conformance.suite.envelopes import (
    has_error_code,
    has_error_envelope,
    has_error_message,
    has_list_envelope,
    has_list_meta,
    has_request_id,
    has_single_envelope,
)
from conformance.suite.universal import (
    errors_with_envelope,
    every,
    is_list,
    parsed,
    successes,
    with_envelope,
)
from conformance.text.wording import kind_of, written


def _envelope(exchange: Exchange) -> str:
    body = exchange.json
    if not isinstance(body, dict):
        return kind_of(body)
    return ", ".join(f"{name} {kind_of(body.get(name))}" for name in ("data", "meta", "error"))


@requirement("ENV-01", universal=True, depth=Depth.SMOKE)
def test_list_envelope(transcript: Transcript) -> None:
    lists = [item for item in parsed(successes(transcript)) if is_list(item)]
    every(lists, "list", has_list_envelope, "data an array, meta an object", _envelope)


@requirement("ENV-02", universal=True, depth=Depth.SMOKE)
def test_list_meta(transcript: Transcript) -> None:
    # A list without the envelope has no meta either: that is another requirement.
    lists = [item for item in successes(transcript) if is_list(item) and item.is_page]

    def received(item: Exchange) -> str:
        meta = item.member("meta")
        if not isinstance(meta, dict):
            return f"meta {kind_of(meta)}"
        names = ("limit", "has_more", "next_offset", "request_id")
        return ", ".join(
            f"{name} {kind_of(meta[name]) if name in meta else 'absent'}" for name in names
        )

    wanted = "limit an integer, has_more a boolean, next_offset an integer or null, request_id"
    every(lists, "list", has_list_meta, wanted, received)


@requirement("ENV-03", universal=True, depth=Depth.SMOKE)
def test_single_envelope(transcript: Transcript) -> None:
    singles = [item for item in parsed(successes(transcript)) if not is_list(item)]
    wanted = "data an object, meta an object"
    every(singles, "retrieved profile", has_single_envelope, wanted, _envelope)


@requirement("ENV-04", universal=True, depth=Depth.SMOKE)
def test_error_envelope(transcript: Transcript) -> None:
    wanted = "data null and present, meta an object, error an object"
    every(
        parsed(errors_with_envelope(transcript)),
        "error",
        has_error_envelope,
        wanted,
        lambda item: f"{item.status}: {_envelope(item)}",
    )


@requirement("ENV-05", universal=True)
def test_error_code_is_upper_snake(transcript: Transcript) -> None:
    every(
        _with_error(transcript),
        "error",
        has_error_code,
        "error.code in UPPER_SNAKE",
        lambda item: f"{item.status} with error.code {written(item.member('error', 'code'))}",
    )


@requirement("ENV-06", universal=True)
def test_error_message_says_something(transcript: Transcript) -> None:
    every(
        _with_error(transcript),
        "error",
        has_error_message,
        "error.message a non-empty string",
        lambda item: f"{item.status} with error.message {kind_of(item.member('error', 'message'))}",
    )


def _with_error(transcript: Transcript) -> list[Exchange]:
    """Return the errors with an ``error`` object; that every error has one is another requirement."""
    return [
        item for item in errors_with_envelope(transcript) if isinstance(item.member("error"), dict)
    ]


@requirement("ENV-07", universal=True, depth=Depth.SMOKE)
def test_every_body_has_a_request_id(transcript: Transcript) -> None:
    # A body without meta is judged by the requirements of the envelopes.
    every(
        [item for item in with_envelope(transcript) if isinstance(item.member("meta"), dict)],
        "response",
        has_request_id,
        "meta.request_id a non-empty string",
        lambda item: f"{item.status} with meta.request_id {_request_id(item)}",
    )


@requirement("ENV-08", universal=True, depth=Depth.SMOKE)
def test_request_ids_are_all_different(transcript: Transcript) -> None:
    first: dict[str, Exchange] = {}
    for item in with_envelope(transcript):
        found = item.member("meta", "request_id")
        if not has_request_id(item):
            continue
        earlier = first.setdefault(found, item)
        if earlier is not item and not is_repeat_of_a_cache(earlier, item):
            raise item.breach(
                "a request_id of its own", f"the request_id of exchange {earlier.number}"
            )
    if len(first) < 2:
        raise Inconclusive("fewer than two request ids were received")


@requirement("ENV-16", universal=True)
def test_repeats_of_a_cache_have_request_ids_of_their_own(transcript: Transcript) -> None:
    first: dict[str, Exchange] = {}
    for item in with_envelope(transcript):
        found = item.request_id
        earlier = item if found is None else first.setdefault(found, item)
        if earlier is not item and is_repeat_of_a_cache(earlier, item):
            raise item.breach(
                "a request_id of its own",
                f"the request_id of exchange {earlier.number}, from a cache",
            )
    if not any(item.request.repeat for item in transcript):
        raise Inconclusive("no request was repeated")


@requirement("ENV-09", universal=True)
def test_request_id_equals_its_header(transcript: Transcript) -> None:
    both = [
        item
        for item in with_envelope(transcript)
        if item.header("x-request-id") is not None and has_request_id(item)
    ]
    every(
        both,
        "X-Request-Id header",
        lambda item: item.header("x-request-id") == item.member("meta", "request_id"),
        "X-Request-Id equal to meta.request_id",
        lambda item: (
            f"X-Request-Id {item.header('x-request-id')!r}, meta.request_id {_request_id(item)}"
        ),
    )


@requirement("ENV-10", universal=True)
def test_every_answer_has_a_request_id_header(transcript: Transcript) -> None:
    every(
        with_envelope(transcript),
        "response",
        lambda item: bool(item.header("x-request-id")),
        "an X-Request-Id header",
        lambda item: f"{item.status} without one",
    )


@requirement("ENV-11", universal=True, depth=Depth.SMOKE)
def test_media_type_is_json(transcript: Transcript) -> None:
    def holds(item: Exchange) -> bool:
        kind, _, parameters = (item.header("content-type") or "").partition(";")
        charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters, re.IGNORECASE)
        return kind.strip().lower() == "application/json" and (
            charset is None or charset.group(1).lower() in ("utf-8", "utf8")
        )

    every(
        with_envelope(transcript),
        "response",
        holds,
        "application/json in UTF-8",
        lambda item: f"{item.status} with {_media_type(item)}",
    )


def _media_type(item: Exchange) -> str:
    sent = item.header("content-type")
    return "no Content-Type" if not sent else quoted(sent)


def _request_id(item: Exchange) -> str:
    found = item.member("meta", "request_id")
    return written(found) if isinstance(found, str) else kind_of(found)


@requirement("ENV-12", universal=True, depth=Depth.SMOKE)
def test_body_is_strict_json(transcript: Transcript) -> None:
    every(
        with_envelope(transcript),
        "response",
        lambda item: item.json_problem is None,
        "strict JSON in UTF-8",
        lambda item: f"{item.status}: {item.json_problem}",
    )
