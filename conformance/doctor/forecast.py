"""Forecasts a run: the suite judges a lawful model that holds the profiles of the survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt

from conformance.contract.cases import Case, Depth
from conformance.contract.document import Contract
from conformance.contract.verdict import CaseResult, Outcome, RequirementResult
from conformance.doctor.checkup import Forecast, OpenRequirement
from conformance.doctor.probe import TargetSurvey
from conformance.doctor.rehearsal import Rehearsal
from conformance.doctor.survey import KeySurvey
from conformance.errors import RehearsalError
from conformance.http import rate_headers
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.limits import Limits
from conformance.http.request import Id
from conformance.judging.engine import judge
from conformance.judging.session import Session
from conformance.model.manners import ErrorAnswer, Manners, OutOfRange
from conformance.model.repetition import repeated
from conformance.model.rows import ModelDirectory
from conformance.model.service import Service
from conformance.running.result import requirement_results
from conformance.running.settings import Settings
from conformance.target.credentials import IDENTITIES, OTHER, OWN
from conformance.target.target import Target

_UNBOUNDED = 10**6
_LARGEST = 20_000
"""Profiles of the largest model: a run on a larger directory sends no more requests."""


def forecast_run(
    seen: TargetSurvey,
    target: Target,
    settings: Settings,
    contract: Contract,
    cases: Sequence[Case],
    quota: Mapping[str, int],
) -> Forecast:
    """Rehearse a run at each depth; at the depth of the settings, within the bounds that the run would have.

    :param quota: identity → requests that a run may send with its key, if the target says so.
    :raises RehearsalError: if the suite fails on this data.
    """
    service = service_of(seen, target.location_ids)
    costs: dict[str, dict[str, int]] = {}
    results: list[RequirementResult] = []
    most = settings.max_requests
    for depth in Depth:
        # The bound decides how a large directory is read, so it also decides the cost.
        rows, sent = _rehearsed(service, target, settings, contract, cases, depth, most)
        if depth is settings.depth:
            results = rows
        # A deep run spends what is left, whatever the bound is.
        if depth is not Depth.DEEP and max(sent[OWN], sent[OTHER]) >= most:
            _, sent = _rehearsed(service, target, settings, contract, cases, depth, _UNBOUNDED)
        costs[depth.name.lower()] = sent
    chosen = costs[settings.depth.name.lower()]
    if any(chosen[name] > left for name, left in quota.items()):
        results, _ = _rehearsed(
            service, target, settings, contract, cases, settings.depth, most, quota
        )
    open_rows = [row for row in results if row.outcome is Outcome.INCONCLUSIVE]
    out = (Outcome.WAIVED, Outcome.UNSELECTED)
    judged = [row for row in results if row.outcome not in out]
    return Forecast(
        settings.depth.name.lower(),
        is_exact(seen, target.location_ids),
        len(judged) - len(open_rows),
        tuple(
            OpenRequirement(
                row.requirement.id,
                row.requirement.level.value,
                row.requirement.area,
                row.reason or "not judged",
            )
            for row in open_rows
        ),
        costs,
    )


def _rehearsed(
    service: Service,
    target: Target,
    settings: Settings,
    contract: Contract,
    cases: Sequence[Case],
    depth: Depth,
    most: int,
    quota: Mapping[str, int] | None = None,
) -> tuple[list[RequirementResult], dict[str, int]]:
    limits = Limits(
        max_requests=most, concurrency=settings.concurrency, no_writes=settings.no_writes
    )
    with Client(Rehearsal(target, service, limits, quota)) as client:
        session = Session(client, contract, depth=depth, seed=settings.seed)
        judgement = judge(session, cases)
    if judgement.error:
        raise RehearsalError(judgement.error)
    results = judgement.results
    if judgement.untestable:  # the key has no request left for the first check of the target
        reason = f"not judged: {judgement.untestable}"
        results = [
            CaseResult("", row.id, inconclusive=reason)
            for row in contract.requirements.values()
            if not row.not_tested
        ]
    sent = {name: client.sent[name] for name in IDENTITIES}
    return requirement_results(contract, results), sent


def service_of(seen: TargetSurvey, given: Sequence[str]) -> Service:
    """Return a model of the target, as far as the survey shows it.

    :param given: location ids of the settings; they belong to the own organisation.
    """
    own, other = seen.own, seen.other
    first = own.first
    assert isinstance(first, Exchange)
    bounds = OutOfRange.CLAMP if seen.clamps else OutOfRange.REFUSE
    manners = Manners(
        limit_above=bounds,
        offset_below=bounds,
        request_id_header=first.header("x-request-id") is not None,
        rate_limit_headers=rate_headers.remaining(first) is not None,
    )
    return Service(
        _directory(own, seen.used_locations(own, given)),
        None if other is None else _directory(other, seen.used_locations(other, given)),
        manners,
    )


def _directory(known: KeySurvey, wanted: Sequence[str]) -> ModelDirectory:
    if not known.usable:
        return ModelDirectory(error=_error(known))
    rows = known.rows
    members = _members(known, wanted)
    total = len(rows) if known.complete else min(estimated(known), _LARGEST)
    return repeated(rows, total, locations=known.locations, members=members)


def _error(known: KeySurvey) -> ErrorAnswer:
    """Return the error that the key got; a server error if it got no response or something else."""
    if not isinstance(known.first, Exchange):
        return ErrorAnswer(503, "NO_ANSWER")
    code = known.first.member("error", "code")
    status = known.first.status
    return ErrorAnswer(
        status if status >= 400 else 500, code if isinstance(code, str) else "NO_LIST"
    )


def _members(known: KeySurvey, wanted: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return location → ids of its profiles. A location that was not requested resembles one that was."""
    ids = [Id.of(row) for row in known.rows]
    asked = {place.lower(): _at(known, page, ids) for place, page in known.at_location.items()}
    like = next(iter(asked.values()), frozenset())
    for step, location in enumerate(wanted, 1):
        shifted = (ids[(at + step) % len(ids)] for at, one in enumerate(ids) if one in like)
        asked.setdefault(location.lower(), frozenset(shifted))
    return asked


def _at(known: KeySurvey, page: Exchange, ids: Sequence[str]) -> frozenset[str]:
    """Return the profiles at a location: those of its first page, and the same share of the others."""
    listed = set(page.ids)
    if page.member("meta", "has_more") is not True:
        return frozenset(listed)
    head = len(known.walked)
    last = max((at for at, record in enumerate(ids[:head]) if record in listed), default=0)
    # If the page goes further than the pages that were read, it covers all of them.
    covered = last + 1 if set(page.ids) <= known.walked else head
    share = len(listed & set(ids[:covered])) / max(covered, 1)
    every = max(round(1 / share), 1) if share else covered
    return frozenset(listed | set(ids[covered + every - 1 :: every]))


def estimated(known: KeySurvey) -> int:
    """Estimate the number of profiles: the geometric mean of the bounds, or the lower bound alone."""
    if known.most is None or known.size_problem is not None:
        return known.least
    return max(isqrt(known.least * known.most), known.least)


def is_exact(seen: TargetSurvey, given: Sequence[str]) -> bool:
    """Return whether the survey shows everything that the cases look at."""
    for known in seen.usable:
        pages = [known.at_location.get(location) for location in seen.used_locations(known, given)]
        if not known.complete or any(
            page is None or page.member("meta", "has_more") is True for page in pages
        ):
            return False
    return True
