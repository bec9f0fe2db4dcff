"""The first screen of every form: verdict, problems worst first, areas, what was not checked, the command.

Terminal, page, summary and JUnit take order and wording from here, so that they cannot differ.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass

from conformance.report import clock, view
from conformance.report.model import AREAS, Defect, Outcome, Requirement, Result
from conformance.report.remedies import remedy, untestable
from conformance.text.printable import visible
from conformance.text.wording import plural, whole_words

_HEADLINES = {
    "conformant": "PASSED",
    "non-conformant": "FAILED: do not release",
    "incomplete": "COULD NOT BE CHECKED COMPLETELY",
    "partial": "PASSED IN PART",
    "untestable": "COULD NOT BE TESTED",
    "error": "THE SUITE ITSELF FAILED",
}
_NAMED = 2
_PLAIN = 110
_SENTENCE_END = re.compile(r"\.(?= [A-Z0-9`])")
_MANY_IDS = 10
_RED: tuple[Outcome, ...] = ("failed", "warned")
STATES = {
    "failed": "problem",
    "warned": "warning",
    "inconclusive": "open",
    "unselected": "skipped",
    "passed": "ok",
}
"""Outcome → the word for an area, as the doctor has it."""


@dataclass(frozen=True)
class Problem:
    """One row of the table of problems. ``source`` says whose rule is broken."""

    number: int
    card: view.Card
    source: str

    @property
    def defect(self) -> Defect:
        """The defect."""
        return self.card.defect

    @property
    def severity(self) -> str:
        """The degree of severity."""
        return self.card.defect["severity"]

    @property
    def title(self) -> str:
        """What is wrong, in one line."""
        return self.card.defect["title"]


@dataclass(frozen=True)
class AreaState:
    """One area of the strip: its worst outcome, and its counts in words."""

    name: str
    outcome: Outcome
    state: str
    words: str
    count: int


@dataclass(frozen=True)
class Unchecked:
    """Requirements that could not be checked for one reason, and what to do about it."""

    reason: str
    remedy: str
    requirements: list[Requirement]

    @property
    def ids(self) -> str:
        """The ids of the requirements, or how many there are in each area if there are many."""
        if len(self.requirements) <= _MANY_IDS:
            return view.id_list(self.requirements)
        areas = Counter(requirement["area"] for requirement in self.requirements)
        counts = ", ".join(f"{area} {count}" for area, count in areas.items())
        return f"{plural(len(self.requirements), 'requirement')} ({counts})"


@dataclass(frozen=True)
class First:
    """The first screen. ``problems`` are failed mandatory requirements, ``advice`` recommended ones.

    ``compared`` counts what is new since the baseline; it is empty without one.
    """

    headline: str
    sentence: str
    compared: str
    about: str
    problems: list[Problem]
    advice: list[Problem]
    whose: str
    areas: list[AreaState]
    unchecked: list[Unchecked]
    unchecked_advice: list[Unchecked]
    again: str
    remedy: str
    is_incomplete: bool


def of(result: Result) -> First:
    """Return the first screen of a result."""
    failed, warned = view.cards(result, "failed"), view.cards(result, "warned")
    problems = [Problem(number, card, _source(card)) for number, card in enumerate(failed, 1)]
    advice = [
        Problem(number, card, _source(card)) for number, card in enumerate(warned, len(failed) + 1)
    ]
    is_judged = result["verdict"] not in ("untestable", "error")
    unchecked = _unchecked(result, "must") if is_judged else []
    return First(
        headline=headline(result),
        sentence=_sentence(result, problems, unchecked),
        compared=_compared(result),
        about=_about(result),
        problems=problems,
        advice=advice,
        whose=_whose(problems),
        areas=_areas(result) if is_judged else [],
        unchecked=unchecked,
        unchecked_advice=_unchecked(result, "should") if is_judged else [],
        again=again(result),
        remedy=untestable(result["reason"]) if result["verdict"] == "untestable" else "",
        is_incomplete=result["verdict"] == "incomplete",
    )


def headline(result: Result) -> str:
    """Return the verdict as a reader needs it: ``FAILED: do not release``."""
    text = _HEADLINES[result["verdict"]]
    if result["verdict"] == "non-conformant" and result["exit_status"] in (0, 3):
        text = "FAILED: every failure is accepted"
    return f"INTERRUPTED: {text.lower()}" if result["interrupted"] else text


def plain(defect: Defect) -> str:
    """Return what is wrong without numbers: the cause if one is stated, otherwise the title to its comma."""
    title = defect["title"]
    if defect["probable_cause"] is not None and not defect["probable_cause"]["candidates"]:
        title = _SENTENCE_END.split(defect["probable_cause"]["mechanism"])[0]
    else:
        title = title.split(", expected ")[0]
    title = title.rstrip(" .,:;…")
    shown = whole_words(title, _PLAIN).rstrip(" ,:;…")
    return shown if len(title) <= _PLAIN else f"{shown} ..."


def _sentence(result: Result, problems: list[Problem], unchecked: list[Unchecked]) -> str:
    """Return one plain sentence about the result; an incomplete one begins with what is missing."""
    if result["verdict"] == "non-conformant" and problems:
        named = [plain(problem.defect) for problem in problems[:_NAMED] if _is_named(problem)]
        rest = len(problems) - len(named)
        if not named:
            # A title without a cause has numbers: the kinds of problems say more in one sentence.
            kinds = Counter(problem.severity for problem in problems)
            counts = [_counted(kind, count) for kind, count in kinds.items()]
            rule = problems[0].card.first.requirement["text"].rstrip(".")
            return f"{_joined(counts)}. The worst breaks this rule: {rule}."
        if rest:
            named.append(plural(rest, "more problem"))
        first, *others = named
        return f"{'; '.join([first, *map(_lower, others)])}."
    if result["verdict"] == "incomplete" and unchecked and not result["interrupted"]:
        count = sum(len(group.requirements) for group in unchecked)
        steps = "; ".join(dict.fromkeys(group.remedy for group in unchecked[:_NAMED]))
        return (
            f"{plural(count, 'mandatory requirement')} could not be checked. What to do: {steps}."
        )
    return result["reason"]


def _is_named(problem: Problem) -> bool:
    """Return whether a cause is stated for a problem, which can be read without numbers."""
    cause = problem.defect["probable_cause"]
    return cause is not None and not cause["candidates"]


_MANY = {
    "data leak": "data leaks",
    "access": "requests accepted that must be refused",
    "data loss": "losses of data",
    "crash": "crashes",
    "wrong result": "wrong results",
    "contract form": "deviations from the documented form",
    "advice": "recommendations not met",
}
_ONE = {
    "access": "request accepted that must be refused",
    "data loss": "loss of data",
    "contract form": "deviation from the documented form",
    "advice": "recommendation not met",
}


def _counted(severity: str, count: int) -> str:
    return plural(count, _ONE.get(severity, severity), _MANY[severity])


def _joined(parts: list[str]) -> str:
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def _lower(text: str) -> str:
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def _compared(result: Result) -> str:
    """Return how many findings are new, fixed and known since the baseline."""
    baseline = result["baseline"]
    if baseline is None:
        return ""
    counts = f"{len(baseline['new'])} new, {len(baseline['fixed'])} fixed, {len(baseline['known'])} known"
    return f"Since the baseline of {clock.moment(baseline['started_at'])}: {counts}."


def _about(result: Result) -> str:
    """Return target, labels, depth and date in one line."""
    target = result["target"]
    name = "embedded reference server" if target["embedded"] else target["base_url"]
    parts = [name, view.labels_line(result), f"{result['depth']} depth"]
    return ", ".join([*filter(None, parts), clock.moment(result["started_at"])])


def _source(card: view.Card) -> str:
    """Return whose rule a problem breaks."""
    parts = [card.first, *card.others]
    documented = any(part.requirement["source"] != "decided" for part in parts)
    return "documented" if documented else "decided here"


def _whose(problems: list[Problem]) -> str:
    """Return how many problems break the documents of the vendor, and how many only this contract."""
    documented = sum(problem.source == "documented" for problem in problems)
    decided = len(problems) - documented
    parts = []
    if documented:
        verb = "breaks" if documented == 1 else "break"
        parts.append(f"{plural(documented, 'problem')} {verb} the vendor's documents")
    if decided:
        verb = "breaks" if decided == 1 else "break"
        parts.append(f"{plural(decided, 'problem')} {verb} decisions of this contract")
    return f"{', '.join(parts)}." if parts else ""


def _areas(result: Result) -> list[AreaState]:
    listed = view.by_area(result)
    states = []
    for area in AREAS:
        requirements = listed.get(area.name, [])
        counts = Counter(requirement["outcome"] for requirement in requirements)
        if not requirements:
            continue
        worst: Outcome = next(
            (name for name in _RED if counts[name]),
            _calm(requirements),
        )
        words = ", ".join(
            f"{counts[name]} {view.OUTCOMES[name]}"
            for name in ("failed", "warned", "inconclusive", "passed", "waived", "unselected")
            if counts[name]
        )
        states.append(AreaState(area.name, worst, STATES[worst], words, len(requirements)))
    return states


def _calm(requirements: list[Requirement]) -> Outcome:
    """Return the outcome of an area in which nothing failed.

    It is open if a mandatory requirement was not checked, or if nothing passed that was selected.
    """
    selected = [r for r in requirements if r["outcome"] != "unselected"]
    if not selected:
        return "unselected"
    open_must = any(r["outcome"] == "inconclusive" and r["level"] == "must" for r in selected)
    return (
        "inconclusive" if open_must or all(r["outcome"] != "passed" for r in selected) else "passed"
    )


def _unchecked(result: Result, level: str) -> list[Unchecked]:
    groups = view.by_reason(result, "inconclusive", "must" if level == "must" else "should")
    return [
        Unchecked(
            group.reason,
            remedy(group.reason, group.requirements, broken=bool(result["defects"])),
            group.requirements,
        )
        for group in groups
    ]


def again(result: Result) -> str:
    """Return the command that makes this run again; keys come from the environment."""
    target, settings = result["target"], result["settings"]
    words = ["conformance", "run"]
    if not target["embedded"]:
        words += ["--base-url", shlex.quote(visible(target["base_url"]))]
    if result["depth"] != "standard":
        words += ["--depth", result["depth"]]
    names = {"--only": settings.get("only", []), "--skip": settings.get("skip", [])}
    for option, given in names.items():
        words += [option, shlex.quote(visible(",".join(given)))] if given else []
    contract = result["contract"]
    if contract["requirements"] != contract["version"].rpartition(".")[0]:
        words += ["--requirements", shlex.quote(visible(contract["requirements"]))]
    if result["seed"]:
        words += ["--seed", str(result["seed"])]
    if settings["rate"]:
        words += ["--rate", shlex.quote(visible(settings["rate"]))]
    flags = {
        "--no-writes": settings["no_writes"],
        "--insecure": settings["insecure"],
        "--http2": settings["http2"],
    }
    words += [flag for flag, is_set in flags.items() if is_set]
    if result["requests"]["limit"] != view.USUAL_LIMIT:
        words += ["--max-requests", str(result["requests"]["limit"])]
    return " ".join(words)
