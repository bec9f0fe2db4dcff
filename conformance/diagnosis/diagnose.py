"""Diagnosis: the probable causes of the findings of a run, from its exchanges alone. Nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, product
from typing import Any

from conformance.contract.verdict import CaseResult, Finding, mentioned
from conformance.diagnosis.cache_keys import cache_keys
from conformance.diagnosis.causes import Cause
from conformance.diagnosis.conditions import alternatives, in_common
from conformance.diagnosis.context import Context, noted
from conformance.diagnosis.explanations import MOST_RIVALS, Explanation
from conformance.diagnosis.forms import cause_of, deviations
from conformance.diagnosis.grammar_accepted import accepted
from conformance.diagnosis.grammar_bodies import bodies
from conformance.diagnosis.grammar_headers import headers
from conformance.diagnosis.grammar_members import members
from conformance.diagnosis.grammar_statuses import of_access, statuses
from conformance.diagnosis.grammar_together import counts, refusals, repeated_ids
from conformance.diagnosis.layered import Layered
from conformance.diagnosis.races import race
from conformance.diagnosis.search import SECONDS, OutOfTime, Search
from conformance.diagnosis.shared_state import shared_state
from conformance.diagnosis.sporadic import sporadic
from conformance.diagnosis.ties import ties
from conformance.diagnosis.world import learned
from conformance.http.exchange import Exchange
from conformance.model.manners import Manners, SearchReading
from conformance.model.rows import ModelDirectory

_BEHAVIOUR = frozenset({"AUTH", "FIL", "LIM", "ORG", "PAG", "RET", "RO", "ROB", "SRCH"})
_FORM = frozenset({"AUTH-10", "ORG-03", "ROB-09", "ROB-10", "ROB-13", "ROB-14", "RO-06"})
"""Requirements on the form of a response, which no hypothesis speaks of."""

_SEVERAL = (
    "several decisions of a server lead to the same responses",
    "look at the code that answers these requests; a run on other data may tell the candidates apart",
)
_TOO_LONG = "it took more than {:g} s of processor time"
_OF_THE_WHOLE = frozenset({"PAG-10", "PAG-11", "PAG-12", "PAG-13", "PAG-14", "LIM-10", "SRCH-17"})
"""Requirements on the whole list: their findings may name an exchange that is right by itself."""

_BY_STATUS = frozenset({"ERR-04"})


@dataclass(frozen=True)
class Diagnosis:
    """The causes that may be stated. ``problem`` says why a diagnosis could not be completed, if so."""

    causes: tuple[Cause, ...] = ()
    problem: str | None = None

    def written(self, hide: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the diagnosis as JSON values, for a transcript.

        :param hide: returns a text of the suite with pseudonyms for the personal data that it quotes.
        """
        causes = [
            asdict(cause)
            | {"title": hide(cause.title), "mechanism": hide(cause.mechanism)}
            | {"candidates": list(map(hide, cause.candidates))}
            | {"findings": sorted(map(list, cause.findings), key=repr)}
            for cause in self.causes
        ]
        return {"causes": causes, "problem": self.problem}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Diagnosis:
        """Return the diagnosis that was written in a transcript.

        :raises KeyError, TypeError: if it was not written by this method's counterpart.
        """
        causes = (
            Cause(
                **{
                    **cause,
                    "findings": frozenset((row, number) for row, number in cause["findings"]),
                    "candidates": tuple(cause["candidates"]),
                }
            )
            for cause in written["causes"]
        )
        return cls(tuple(causes), written["problem"])


def diagnosed(
    results: Sequence[CaseResult],
    exchanges: Sequence[Exchange],
    location_ids: Sequence[str] = (),
    seconds: float = SECONDS,
    without: Collection[str] = (),
) -> Diagnosis:
    """Return the probable causes of the findings; it never raises, and costs nothing without a finding.

    :param exchanges: the exchanges of the run, as they were received.
    :param seconds: the processor time that it may take.
    :param without: titles of decisions that are left out of the grammar, to measure what is stated then.
    """
    findings = [(item.requirement, finding) for item in results for finding in item.findings]
    if not findings:
        return Diagnosis()
    try:
        deadline = time.process_time() + seconds
        causes, complete = _causes(exchanges, location_ids, findings, deadline, without)
    except OutOfTime:
        return Diagnosis(problem=_TOO_LONG.format(seconds))
    except Exception as problem:  # a defect of the diagnosis never costs the verdict
        return Diagnosis(problem=f"it failed: {type(problem).__name__}")
    unfinished = None if complete else _TOO_LONG.format(seconds)
    return Diagnosis(tuple(cause for cause in causes if cause.findings), unfinished)


def _forms(
    contexts: Sequence[Context],
    findings: Sequence[tuple[str, Finding]],
    without: Collection[str],
) -> list[Cause]:
    """Return the causes that are about the form of responses."""
    found = chain(
        deviations(chain(bodies(), headers(), accepted()), contexts),
        members([context for context in contexts if context.exchange.excess is None]),
        repeated_ids(contexts),
        refusals(contexts),
        counts(contexts),
    )
    causes = (cause_of(deviation, findings, without) for deviation in found)
    return [cause for cause in causes if cause is not None]


def _with_status(
    search: Search, findings: Sequence[tuple[str, Finding]], without: Collection[str]
) -> tuple[list[Cause], set[int]]:
    """Return the causes that are about a status, and the numbers of the exchanges that they explain."""
    causes: list[Cause] = []
    explained: set[int] = set()
    for deviation in statuses(search.service, search.contexts, findings):
        cause = cause_of(deviation, findings, without, counted=False)
        if cause is not None and not all(of_access(unit.context) for unit in deviation.shown):
            causes.append(cause)
            explained.update(unit.context.number for unit in deviation.shown)
    return causes, explained


def _causes(
    exchanges: Sequence[Exchange],
    location_ids: Sequence[str],
    findings: Sequence[tuple[str, Finding]],
    deadline: float,
    without: Collection[str],
) -> tuple[list[Cause], bool]:
    """Return the causes that may be stated, and whether the search for them came to its end.

    Those that are seen are first, then those that were searched for.
    """
    seen = [item for item in (race(exchanges, findings), sporadic(exchanges, findings)) if item]
    left_out = frozenset().union(*(item.exchanges for item in seen))
    contexts = [Context(item) for item in exchanges]
    noted(contexts)
    usable = [
        item
        for item in contexts
        if item.exchange.excess is None and item.exchange.status != 429
        if item.number not in left_out
    ]
    search = _searched(usable, location_ids, deadline, without, findings)
    causes = [_cause(search, item, findings) for item in search.claimed()] if search else []
    first = [*(item.cause for item in seen), *(search.observed if search else ()), *causes]
    explained = frozenset().union(*(cause.findings for cause in first))
    for told in (shared_state, cache_keys, ties):
        if (cause := told(exchanges, findings, explained)) is not None:
            first.append(cause)
            explained |= cause.findings
            break  # a page of another list seems to have another order
    # A body that is wrong because the server has failed is not a second cause.
    forms = [item for item in _forms(contexts, findings, without) if item.findings - explained]
    return [*first, *forms], search is None or search.complete


def _searched(
    contexts: Sequence[Context],
    location_ids: Sequence[str],
    deadline: float,
    without: Collection[str],
    findings: Sequence[tuple[str, Finding]],
) -> Search | None:
    """Return the search in the world and with the manners that leave the least unexplained."""
    best: Search | None = None
    previous: Mapping[str, ModelDirectory] = {}
    for beside in (False, True):
        world = learned([item.exchange for item in contexts], location_ids, beside=beside)
        if beside and all(world[key].members == previous[key].members for key in world):
            break
        previous = world
        try:
            search = Search(_service(world, contexts), contexts, deadline, without)
            search.observed, explained = _with_status(search, findings, without)
            search.leave_out(explained)
        except OutOfTime:
            if best is None:
                raise
            best.complete = False
            break
        search.run()
        if best is None or len(search.dirty) < len(best.dirty):
            best = search
        if not best.dirty or not search.complete:
            best.complete = search.complete
            break
    return best


def _service(world: Mapping[str, ModelDirectory], contexts: Sequence[Context]) -> Layered:
    """Return the model that reads search terms as most responses show it."""
    asked = [context for context in contexts if "search" in context.parameters]
    readings = product(SearchReading, ("all", "any"), (True, False))
    services = (
        Layered(world, Manners(search_reading=reading, folds_accents=folds), combine)
        for reading, combine, folds in readings
    )
    if not asked:
        return next(services)
    return min(services, key=lambda service: sum(not service.agrees(item) for item in asked))


def _cause(search: Search, item: Explanation, findings: Sequence[tuple[str, Finding]]) -> Cause:
    what = item.layer.what
    title, mechanism, candidates = _words(item)
    return Cause(
        title=title,
        mechanism=mechanism,
        usually=_sentence(_SEVERAL[0] if candidates else what.usually),
        fix=_sentence(_SEVERAL[1] if candidates else what.fix),
        findings=frozenset(_explained(search, item, findings)),
        explained=len(item.explained),
        agreeing=len(search.clean) - sum(len(taken.explained) for taken in search.taken),
        candidates=candidates,
    )


def _explained(
    search: Search, item: Explanation, findings: Sequence[tuple[str, Finding]]
) -> Iterator[tuple[str, int | None]]:
    """Yield the findings that follow: those on a deviating response, or on a comparison with one."""
    numbers = {context.number for context in item.explained}
    likely = {
        context.number
        for context in search.contexts
        if context.number in {finding.exchange for _, finding in findings}
        and search.likely(context, item)
    }
    sole = len(search.taken) == 1 and not search.dirty
    deviating = {
        context.number for context in search.contexts if not search.service.agrees(context)
    }
    for requirement, finding in findings:
        if not _is_about(requirement, finding):
            continue
        compared = set(mentioned(finding.expected, finding.detail))
        if (
            finding.exchange in numbers
            or finding.exchange in likely
            or (
                finding.exchange not in deviating
                and (compared <= numbers if compared else sole and requirement in _OF_THE_WHOLE)
            )
        ):
            yield requirement, finding.exchange


def _is_about(requirement: str, finding: Finding) -> bool:
    """Return whether a requirement is about what the model predicts."""
    if requirement in _FORM:
        return "meta/limit" in finding.received
    return requirement in _BY_STATUS or requirement.partition("-")[0] in _BEHAVIOUR


def _words(item: Explanation) -> tuple[str, str, tuple[str, ...]]:
    """Return title, mechanism and candidates of a cause."""
    if item.shared:
        condition = _condition(item)
        others = tuple(_sentence(_clause(other)) for other in [item, *item.others][:MOST_RIVALS])
        return (
            _capital(f"responses are wrong{condition}"),
            _sentence(f"the responses deviate{condition}, and all others are right"),
            others,
        )
    title = _capital(_clause(item))
    if item.others:
        # A title claims nothing that only one of the candidates says.
        candidates = tuple(_sentence(_clause(other)) for other in (item, *item.others))
        return "", f"{len(candidates)} mechanisms explain this run alike.", candidates
    return title, f"{title}.", ()


def _clause(item: Explanation) -> str:
    return f"{item.layer.what.title}{_condition(item)}"


def _condition(item: Explanation) -> str:
    whens = [when for when in item.whens if when]
    if not whens:
        return ""
    if len(whens) > MOST_RIVALS:
        shared = frozenset.intersection(*whens)
        return in_common(shared, item.explained) if shared else " in some requests"
    return alternatives(whens, item.explained)


def _sentence(text: str) -> str:
    return f"{_capital(text)}."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
