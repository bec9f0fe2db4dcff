"""Isolation while the keys of two organisations are used at the same time."""

from __future__ import annotations

from conformance.contract.cases import requirement
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.judging.session import Foreign, Session
from conformance.suite.at_once import both, only_at_once, pairs


@requirement("ORG-15", last=True)
def test_requests_of_two_organisations_at_the_same_time(
    api: Api, other: Api, foreign: Foreign, session: Session
) -> None:
    """A server that keeps the organisation where all requests find it fails only here."""
    if foreign.directory is None:
        raise Inconclusive("only the second organisation's key can send requests beside yours")
    if session.client.limits.concurrency < 2:
        raise Inconclusive(
            "not exercised: with --concurrency 1 no two requests are pending at the same time"
        )
    known = both(session, foreign)
    only_at_once(api, api.many(pairs(api, other, foreign, session)), known)
