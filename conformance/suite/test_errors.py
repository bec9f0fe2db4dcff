"""Errors: a documented status, and nothing of the server behind it."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import LIST, RETRIEVE, Contract
from conformance.errors import Inconclusive
from conformance.http.exchange import Transcript
from conformance.judging.session import Session
from conformance.suite.disclosure import (
    FILE_PATH,
    INTERNAL_HOST,
    SQL,
    STACK_TRACE,
    discloses_none,
    provoked,
)
from conformance.suite.leaks import shows_no_secret, shows_nothing_of_the_inside
from conformance.suite.universal import is_from_proxy, is_list, reads


@requirement("ERR-01", universal=True, depth=Depth.SMOKE)
def test_no_stack_trace(transcript: Transcript) -> None:
    discloses_none(transcript, [STACK_TRACE], "no stack trace")


@requirement("ERR-01", universal=True)
def test_errors_that_could_show_a_stack_trace_were_provoked(transcript: Transcript) -> None:
    provoked(transcript, "a stack trace")


@requirement("ERR-02", universal=True, depth=Depth.SMOKE)
def test_no_sql(transcript: Transcript) -> None:
    discloses_none(transcript, [SQL], "no SQL and no text of a database")


@requirement("ERR-02", universal=True)
def test_errors_that_could_show_sql_were_provoked(transcript: Transcript) -> None:
    provoked(transcript, "text of a database")


@requirement("ERR-03", universal=True)
def test_no_path_and_no_host(transcript: Transcript, session: Session) -> None:
    # The caller knows the host of the base URL: a link to the documentation may name it.
    host = urlsplit(session.target.base_url).hostname or ""
    discloses_none(
        transcript,
        [FILE_PATH, INTERNAL_HOST],
        "no file path and no internal host name",
        allowed=host,
    )


@requirement("ERR-07", universal=True, depth=Depth.SMOKE)
def test_no_response_shows_the_inside_of_the_server(transcript: Transcript) -> None:
    """Also in responses that no other requirement judges: to other methods, paths and headers."""
    shows_nothing_of_the_inside(transcript)


@requirement("ERR-08", universal=True, depth=Depth.SMOKE)
def test_no_response_has_a_secret(transcript: Transcript) -> None:
    shows_no_secret(transcript)


@requirement("ERR-04", universal=True, depth=Depth.SMOKE)
def test_every_status_is_documented(transcript: Transcript, contract: Contract) -> None:
    answers = [item for item in reads(transcript) if not is_from_proxy(item)]
    if not answers:
        raise Inconclusive("no response was received")
    for answer in answers:
        operation = LIST if is_list(answer) else RETRIEVE
        if not contract.documented(operation, answer.status):
            statuses = ", ".join(contract.operations[operation]["responses"])
            received = answer.summary() if answer.redirect else str(answer.status)
            raise answer.breach(f"one of the statuses {statuses}", received)


@requirement("ERR-04", universal=True)
def test_something_was_asked_for_again(transcript: Transcript) -> None:
    """The status of a repeated request is a status too: a cache may respond to it."""
    if not any(item.request.repeat for item in reads(transcript) if not is_list(item)):
        raise Inconclusive("no request for a profile was repeated")
