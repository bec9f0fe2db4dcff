"""Defects: every finding of a run belongs to exactly one, and the worst defect is first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from conformance.contract.requirements import AREAS, Level
from conformance.contract.verdict import Finding, RequirementResult, without_mentions
from conformance.diagnosis.causes import Cause
from conformance.diagnosis.requests import Asked, asked, phrase
from conformance.diagnosis.severity import Severity, severity_of
from conformance.diagnosis.structure import Structure, structure_of
from conformance.http.exchange import Exchange
from conformance.text.printable import visible
from conformance.text.uuids import UUID
from conformance.text.wording import whole_words

_TITLE = 140
_LONGEST = 200
_MOST_WITNESSES = 3
_IDS = re.compile(f": {UUID}(?:, {UUID})*(?: and [\\d,]+ more)?")
_REPEATS = re.compile(r"[\d,]+ records? returned more than once")
_IN_BRACKETS = re.compile(r" \(exchange \d+\)")
_RETURNED = re.compile(r"\d{3}(?: |$)|[\d,]+ (?:record|profile|unexpected)s?(?! (?:is|are))")


@dataclass(frozen=True)
class Place:
    """A finding of a run: the id of its requirement, and its index there."""

    requirement: str
    index: int


@dataclass(frozen=True)
class Witness:
    """One line of the table that shows a defect."""

    what: str
    expected: str
    received: str


@dataclass(frozen=True)
class Defect:
    """What is wrong, under a title that says so.

    ``requirements`` has first the one that the title speaks of: a must if there is one. ``findings`` are in
    the order of the requirements.
    """

    title: str
    severity: Severity
    areas: tuple[str, ...]
    requirements: tuple[str, ...]
    findings: tuple[Place, ...]
    cause: Cause | None
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True)
class _Item:
    """A finding with all that its defect is made from."""

    place: Place
    finding: Finding
    asked: Asked
    severity: Severity
    order: int

    @property
    def plainness(self) -> tuple[int, int, int]:
        """Sorts the plainest request first: few headers, few parameters, a short URL."""
        url = self.finding.url or ""
        return len(self.asked.headers), len(self.asked.parameters), len(url)


def defects_of(
    rows: Sequence[RequirementResult],
    transcript: Sequence[Exchange],
    causes: Sequence[Cause] = (),
    hide: Callable[[str], str] = str,
) -> list[Defect]:
    """Return the defects of a run, the worst first.

    Findings that a cause explains are one defect for each level of force: a must is never folded under a
    should, and a leak between organisations has a defect of its own, unless the cause names the requirement
    that leads. All others are grouped by structure.

    :param causes: the causes that the diagnosis claims, each with the exchanges that it explains.
    :param hide: takes keys and personal data out of a title before it is cut.
    """
    groups: dict[tuple[int, Structure | bool], list[_Item]] = {}
    for item in _items(rows, transcript):
        requirement = rows[item.order].requirement
        number = _cause_of(item, causes)
        structure = structure_of(requirement, item.finding, item.asked)
        key = structure if number is None else structure.leak or bool(causes[number].leads)
        groups.setdefault((-1 if number is None else number, key), []).append(item)
    defects = [
        _defect(rows, items, causes[number] if number >= 0 else None, hide)
        for (number, _), items in groups.items()
    ]
    order = {row.requirement.id: at for at, row in enumerate(rows)}
    return sorted(
        defects,
        key=lambda defect: (
            defect.severity,
            -len(defect.requirements),
            order[defect.requirements[0]],
            defect.findings[0].index,
        ),
    )


def _items(rows: Sequence[RequirementResult], transcript: Sequence[Exchange]) -> Iterator[_Item]:
    for order, row in enumerate(rows):
        for index, finding in enumerate(row.findings):
            yield _Item(
                Place(row.requirement.id, index),
                finding,
                asked(finding, transcript),
                severity_of(row.requirement, finding),
                order,
            )


def _cause_of(item: _Item, causes: Sequence[Cause]) -> int | None:
    for number, cause in enumerate(causes):
        if cause.explains(item.place.requirement, item.finding):
            return number
    return None


def _defect(
    rows: Sequence[RequirementResult],
    items: Sequence[_Item],
    cause: Cause | None,
    hide: Callable[[str], str],
) -> Defect:
    musts = [item for item in items if rows[item.order].requirement.level is Level.MUST]
    severity = min(item.severity for item in items)
    leads = cause.leads if cause is not None else ""
    leading = min(
        musts or items,
        key=lambda item: (item.place.requirement != leads, item.severity, item.order),
    )
    lead = leading.place.requirement
    others = (item.place.requirement for item in items)
    ids = tuple(dict.fromkeys([lead, *others]))
    areas = {rows[item.order].requirement.area for item in items}
    own = [item for item in items if item.place.requirement == lead]
    shown = min(own, key=lambda item: (item.severity, item.plainness))
    title = _title(shown, hide)
    if cause is not None and (stated := cause.title or _either(cause.candidates)):
        found = hide(stated)
        title = f"{found}: {title[0].lower()}{title[1:]}"
        title = title if len(title) <= _LONGEST else found
    return Defect(
        title=title,
        severity=severity,
        areas=tuple(area for area in AREAS.values() if area in areas),
        requirements=ids,
        findings=tuple(
            sorted((item.place for item in items), key=lambda p: ids.index(p.requirement))
        ),
        cause=cause,
        witnesses=tuple(_witnesses(own, shown)),
    )


def _either(candidates: Sequence[str]) -> str:
    """Return two mechanisms between which a run leaves the choice as one clause, if it is short enough."""
    if len(candidates) != 2:
        return ""
    one, two = (re.sub(r"\A[A-Z](?=[a-z ])", _small, text.rstrip(".")) for text in candidates)
    text = f"Either {one}, or {two}"
    return text if len(text) <= _LONGEST else ""


def _small(match: re.Match[str]) -> str:
    return match.group().lower()


def _title(item: _Item, hide: Callable[[str], str]) -> str:
    """Return what is wrong in one line, with the numbers of the finding."""
    finding = item.finding
    subject = phrase(item.asked)
    received = _IDS.sub("", finding.received)
    if finding.detail is not None and _says_little(finding):
        text = f"{subject} returned other records than expected: {_IDS.sub('', finding.detail)}"
        return _shortened(text, hide)
    if repeats := _REPEATS.search(finding.detail or ""):
        received += f" ({repeats.group()})"
    verb = " returned " if _RETURNED.match(received) else ": "
    return _shortened(f"{subject}{verb}{received}, expected {finding.expected}", hide)


def _shortened(text: str, hide: Callable[[str], str]) -> str:
    # Numbers of exchanges say nothing to those who read titles only.
    text = without_mentions(_IN_BRACKETS.sub("", text))
    text = hide(" ".join(visible(f"{text[0].upper()}{text[1:]}", keep="\n\t").split()))
    return text if len(text) <= _TITLE else f"{whole_words(text, _TITLE - 1).rstrip()}…"


def _says_little(finding: Finding) -> bool:
    """Return whether expected and received are the same number of records, so that the detail differs."""
    return finding.expected.partition(", as ")[0].endswith(finding.received)


def _witnesses(items: Sequence[_Item], first: _Item) -> Iterator[Witness]:
    others = [item for item in items if item is not first]
    seen: set[Witness] = set()
    for item in (first, *sorted(others, key=lambda item: item.plainness)):
        finding = item.finding
        witness = Witness(phrase(item.asked), finding.expected, finding.received)
        if witness not in seen and len(seen) < _MOST_WITNESSES:
            seen.add(witness)
            yield witness
