"""Framing: each response ends where HTTP says that it ends."""

from __future__ import annotations

from conformance.contract.cases import Depth, requirement
from conformance.contract.verdict import Breach, Finding
from conformance.errors import Inconclusive
from conformance.http.exchange import Transcript
from conformance.http.failures import STRAY
from conformance.judging.session import Session
from conformance.suite.universal import may_be_cut
from conformance.text.wording import plural


@requirement("ROB-14", universal=True, depth=Depth.SMOKE)
def test_each_response_ends_where_it_says(transcript: Transcript, session: Session) -> None:
    """A client that reuses the connection would take bytes after a response for the next one."""
    answers = [item for item in transcript if item.request.path != "/locations" and item.status]
    if not answers:
        raise Inconclusive("no response was received")
    for item in answers:
        if item.broken and not may_be_cut(item.request):
            raise item.breach("a complete response", item.summary(), certain=True)
        if item.surplus:
            raise item.breach(
                "nothing after the end of the response",
                f"{item.status}, followed by {plural(item.surplus, 'byte')}",
                certain=True,
            )
    for incident in session.client.incidents:
        if incident.kind == STRAY:
            received = f"more bytes on its connection: {incident.text}"
            raise Breach(Finding("nothing after the end of a response", received, certain=True))
