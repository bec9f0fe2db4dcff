"""Causes that are about the form of responses: what deviates is seen directly, when it does is induced.

A form is looked at in all exchanges of a run, so that the condition rests on the responses that lack the
deviation as well: ``meta.request_id`` is missing *if the status is 404*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from conformance.contract.verdict import Finding, mentioned
from conformance.diagnosis.causes import Cause, is_left_out
from conformance.diagnosis.conditions import alternatives, in_common
from conformance.diagnosis.context import Context

_MOST_WHENS = 3
_MOST_LITERALS = 30
_ABSENT = re.compile("is absent$|^there is no |^the path is documented$")
_OF_RESPONSE = re.compile(
    "^(it is the (last|first) page|more|the page|nothing matches|one profile matches|the number of matches|"
    "the status|the response|the offset is|`limit` is odd)"
)
_BASE = re.compile(
    "^(the operation is|the value is null|there is a value|the status is|the method is)"
)
_OF_TERM = re.compile("^(the term|a word is)")
"""A request that carries many signs at once does not tell which ones matter: two of them fit anything."""

_FIRST = re.compile(
    "^(the status is|the response is|the operation is|the method is|the value is|the profile's)"
)
"""Literals that say most about where a form is made: among equals, they are stated."""

_COMPARES = frozenset({"RET-02"})
"""Requirements that two responses show the same profile alike."""

NOT_JUDGED = None
"""An aspect returns this for a response that it says nothing about."""

RIGHT = ""
"""An aspect returns this for a response that is as documented."""


@dataclass(frozen=True, eq=False)
class Aspect:
    """One thing that the contract says about the form of a response.

    ``look`` returns what is wrong as a clause, :data:`RIGHT`, or :data:`NOT_JUDGED`. ``about`` are the ids or
    areas of requirements whose findings follow; ``received`` matches the text of other findings that do.
    ``usually`` and ``fix`` are those of a mechanism. ``of_request`` is whether only what is true of a request
    may be a condition.
    """

    look: Callable[[Context], str | None]
    about: frozenset[str]
    usually: str
    fix: str
    received: re.Pattern[str] | None = None
    of_request: bool = False

    def explains(self, requirement: str, finding: Finding) -> bool:
        """Return whether a finding on a response that deviates follows from that."""
        if requirement in self.about or requirement.partition("-")[0] in self.about:
            return True
        return self.received is not None and bool(self.received.search(finding.received))


@dataclass(frozen=True)
class Unit:
    """What one aspect was looked at in: a response, or one member of a record in it."""

    context: Context
    literals: frozenset[str] = frozenset()

    def holds(self, literal: str) -> bool:
        """Return whether a literal is true of it."""
        return (
            literal in self.literals
            or literal in self.context.literals
            or literal in self.context.response_literals
        )

    def every(self) -> frozenset[str]:
        """Return all literals that are true of it."""
        return self.literals | self.context.literals | self.context.response_literals


@dataclass
class Deviation:
    """A clause, with what shows it, and what was looked at and does not.

    ``beside`` are the numbers of right responses in which the same is right that deviates in others.
    """

    clause: str
    aspect: Aspect
    shown: list[Unit] = field(default_factory=list)
    others: list[Unit] = field(default_factory=list)
    beside: frozenset[int] = frozenset()


def deviations(aspects: Iterable[Aspect], contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield what deviates in the form of the responses."""
    for aspect in aspects:
        seen = [(context, aspect.look(context)) for context in contexts]
        units = [(Unit(context), clause) for context, clause in seen if clause is not NOT_JUDGED]
        for clause in dict.fromkeys(clause for _, clause in units if clause):
            yield Deviation(
                clause,
                aspect,
                [unit for unit, found in units if found == clause],
                [unit for unit, found in units if found != clause],
            )


def cause_of(
    deviation: Deviation,
    findings: Sequence[tuple[str, Finding]],
    without: Collection[str] = (),
    *,
    counted: bool = True,
) -> Cause | None:
    """Return a deviation of form as a cause; None if no finding follows from it.

    :param without: clauses that are left out, to measure what is stated then.
    :param counted: whether it is stated without a condition, with the number of responses, if none fits.
    """
    if is_left_out(deviation.clause, without):
        return None
    explained = frozenset(_explained(deviation, findings))
    if not explained:
        return None
    of_request = deviation.aspect.of_request or not counted
    whens = collapsed(conditions(deviation.shown, deviation.others, of_request=of_request))
    if not counted and (whens is None or (len(whens) > _MOST_WHENS and not _shared(whens))):
        return None
    condition = stated(whens, deviation)
    text = f"{deviation.clause}{condition}"
    title = f"{text[0].upper()}{text[1:]}"
    return Cause(
        title=title,
        mechanism=f"{title}.",
        usually=_sentence(deviation.aspect.usually),
        fix=_sentence(deviation.aspect.fix),
        findings=explained,
        explained=len({unit.context.number for unit in deviation.shown}),
        agreeing=len({unit.context.number for unit in deviation.others}),
    )


def _explained(
    deviation: Deviation, findings: Sequence[tuple[str, Finding]]
) -> Iterator[tuple[str, int | None]]:
    numbers = {unit.context.number for unit in deviation.shown}
    for requirement, finding in findings:
        if not deviation.aspect.explains(requirement, finding):
            continue
        compared = set(mentioned(finding.expected, finding.received, finding.detail))
        # Where two responses are compared, the finding may be on the one that is right.
        right = requirement in _COMPARES and finding.exchange in deviation.beside
        if finding.exchange in numbers or compared & numbers or right:
            yield requirement, finding.exchange


def conditions(
    shown: Sequence[Unit], others: Sequence[Unit], *, of_request: bool = False
) -> list[frozenset[str]] | None:
    """Return the shortest conditions that hold for all that show a deviation, and for nothing else.

    An empty condition holds always. None: no condition of at most two literals tells them apart.

    :param of_request: whether only what is true of a request may be a condition, and not what its response
        holds: the status is what is explained.
    """
    if not others:
        return [frozenset()]
    common = frozenset.intersection(*(unit.every() for unit in shown))
    if of_request:
        common = frozenset(literal for literal in common if not _OF_RESPONSE.search(literal))
    left = {literal: [unit for unit in others if unit.holds(literal)] for literal in common}
    single = sorted(literal for literal, rest in left.items() if not rest)
    if single:
        return [frozenset({literal}) for literal in _preferred(single)]
    useful = sorted(
        (
            literal
            for literal, rest in left.items()
            if len(rest) < len(others) and not _ABSENT.search(literal)
        ),
        key=lambda literal: (len(left[literal]), literal),
    )[:_MOST_LITERALS]
    pairs = [
        frozenset(pair)
        for pair in combinations(useful, 2)
        if not all(_OF_TERM.search(literal) for literal in pair)
        and not any(unit.holds(pair[1]) for unit in left[pair[0]])
    ]
    leading = [pair for pair in pairs if all(_FIRST.search(literal) for literal in pair)]
    return leading or pairs or (None if of_request else _of_three(useful, left))


def _of_three(
    useful: Sequence[str], left: Mapping[str, Sequence[Unit]]
) -> list[frozenset[str]] | None:
    """Return conditions of three literals, two of which are about the operation and the value."""
    bases = [literal for literal in useful if _BASE.search(literal)]
    found = [
        frozenset({one, other, literal})
        for one, other in combinations(bases, 2)
        for literal in useful
        if literal not in (one, other)
        and not any(unit.holds(other) and unit.holds(literal) for unit in left[one])
    ]
    return list(dict.fromkeys(found)) or None


_GENERAL = (
    (re.compile("^`(.+)` is given$"), re.compile("^`(.+)` (?:is (?!absent)|has)")),
    (re.compile("^(?:`(.+)` is not valid)$"), re.compile("^`(.+)` is (?!given|absent|from|above|not valid)")),
    (re.compile("^()(?:[234] or more filters are given|both booleans are given)$"),
     re.compile("^()the number of filters is|^()both booleans are")),
    (re.compile("^()a filter or search is given$"),
     re.compile("^()(?:a word is|`(?:is_|location_id|search).* is |both bool|2 or more filters)")),
    (re.compile("^()[3-6] or more documented parameters are given$"),
     re.compile("^()(?:`.* is |both booleans|[2-4] or more filters)")),
    (re.compile("^()the key is valid$"), re.compile("^()the key is (yours|the second)")),
    (re.compile("^()the id is none of the organisation's$"),
     re.compile("^()the (profile is another|id is (?!none))")),
    (re.compile("^()the (?:path is documented|id is a UUID)$"),
     re.compile("^()the (operation|profile|id is un)")),
)  # fmt: skip


_VALUE = re.compile("^`[^`]+` is `[^`]*`$")
_WEAK = re.compile(
    "directly follows|is not the first filter$|^a filter follows|`limit` is odd|^the number of|is no multiple"
)
"""Literals about which a server seldom decides: conditions of them count only if there is no other."""


def is_weak(when: frozenset[str]) -> bool:
    """Return whether a condition rests on something about which a server seldom decides."""
    return any(_WEAK.search(literal) for literal in when)


def _is_exact(when: frozenset[str]) -> bool:
    """Return whether a condition is about one value, which stands for its kind unless others are right."""
    return any(_VALUE.search(literal) for literal in when)


def collapsed(whens: Sequence[frozenset[str]] | None) -> list[frozenset[str]] | None:
    """Return conditions without those that another one narrows: what was seen is inside the narrowest."""
    if whens is None or len(whens) < 2:
        return None if whens is None else list(whens)
    for is_poor in (is_weak, _is_exact):
        whens = [when for when in whens if not is_poor(when)] or whens
    return [
        when
        for when in whens
        if not any(other is not when and _narrows(other, when) for other in whens)
    ] or list(whens)


def _narrows(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether a condition is another one with literals in place of more general ones."""
    mine, theirs = one - other, other - one
    return bool(theirs) and all(
        any(_is_narrower(special, general) for special in mine) for general in theirs
    )


def _is_narrower(special: str, general: str) -> bool:
    for wide, narrow in _GENERAL:
        a, b = wide.match(general), narrow.match(special)
        if a and b and special != general:
            subject = a.group(1) or ""
            if not subject or subject == next((group for group in b.groups() if group), ""):
                return True
    return False


def _preferred(literals: Sequence[str]) -> list[str]:
    """Return those literals that say most, where there are several."""
    found = [literal for literal in literals if not _ABSENT.search(literal)] or list(literals)
    return [literal for literal in found if _FIRST.search(literal)] or found


def stated(whens: Sequence[frozenset[str]] | None, deviation: Deviation) -> str:
    """Return a condition in words; where several fit alike, only how many responses deviate."""
    if whens is not None and not whens[0]:
        return ""
    shown = [unit.context for unit in deviation.shown]
    if whens is not None and len(whens) <= _MOST_WHENS:
        return alternatives(whens, shown)
    if whens is not None and _shared(whens):
        return in_common(_shared(whens), shown)
    count = len({unit.context.number for unit in deviation.shown})
    every = len({unit.context.number for unit in (*deviation.shown, *deviation.others)})
    return f" in {count} of {every} responses"


def _shared(whens: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the literals that several conditions have in common."""
    return frozenset.intersection(*whens)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
