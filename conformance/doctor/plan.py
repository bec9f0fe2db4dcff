"""What a run would send: its requests, from a rehearsal on a model of the target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.doctor.forecast import is_exact, service_of
from conformance.doctor.probe import probe
from conformance.doctor.rehearsal import Rehearsal
from conformance.errors import RehearsalError, Untestable, UsageError
from conformance.http.client import Client
from conformance.http.limits import Limits
from conformance.judging.session import Session
from conformance.privacy.disguise import disguised
from conformance.running.selection import judge_selected, select
from conformance.running.settings import Settings
from conformance.running.sources import Live
from conformance.target.credentials import CREDENTIALS, IDENTITIES
from conformance.target.secrets import Redactor

Document = dict[str, Any]


def plan(
    settings: Settings, cases: Sequence[Case], announce: Callable[[str], None] | None = None
) -> Document:
    """Return the requests that a run would send, in order.

    The target is asked at most 12 requests, to learn what a model of it must hold. Nothing is written.

    :param announce: called with a sentence if there is no base URL.
    :raises UsageError: if there is nothing to be sent.
    :raises Untestable: if the target cannot be judged at all.
    :raises RehearsalError: if the suite fails on this data.
    """
    if settings.replay is not None:
        raise UsageError("--dry-run: a replay sends nothing: leave out --dry-run")
    contract = load().frozen(settings.requirements)
    settings, selection = select(settings, contract, cases)
    with Live(replace(settings, max_wait=0)).client() as client:
        target = client.target
        if target.embedded and announce is not None:
            announce(
                f"No base URL is set: asking the embedded server, started at {target.base_url}"
            )
        seen = probe(client, contract)
        service = service_of(seen, target.location_ids)
        limits = Limits(max_requests=settings.max_requests, no_writes=settings.no_writes)
        with Client(Rehearsal(target, service, limits)) as rehearsed:
            session = Session(rehearsed, contract, depth=settings.depth, seed=settings.seed)
            judgement = judge_selected(session, cases, selection)
            if judgement.error:
                raise RehearsalError(judgement.error)
            if judgement.untestable:
                raise Untestable(judgement.untestable)
            requests = [_row(exchange.request) for exchange in rehearsed.transcript]
            by_identity = {name: rehearsed.sent[name] for name in IDENTITIES}
        total = len(contract.requirements)
        document: Document = {
            "target": target.base_url,
            "embedded": target.embedded,
            "depth": settings.depth.name.lower(),
            "selected": total if selection.ids is None else len(selection.ids),
            "requirements": total,
            "asked": client.total_sent,
            "exact": is_exact(seen, target.location_ids),
            "by_identity": by_identity,
            "requests": requests,
        }
        mask = disguised(client).mask()
        redact = Redactor(target).text
        for row in document["requests"]:
            row["target"] = mask.text(redact(row["target"]))
    return document


def _row(request: Any) -> dict[str, Any]:
    return {
        "method": request.method,
        "target": request.shown_target,
        "credential": request.credential,
        "identity": CREDENTIALS[request.credential].identity,
        "headers": [name for name, _ in request.headers],
    }
