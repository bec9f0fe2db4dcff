"""Group testing: what a server should ignore travels in one request, which is parted only if it deviates.

A group whose response deviates is parted by halves until the smallest part that still deviates is known. The
parts follow from the responses alone, so a replay asks for the same ones. A refused group hides what its
parts would do, so its halves are tried too, and further as long as only one of two halves is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from typing import Generic, TypeVar

from conformance.contract.verdict import Breach, Finding
from conformance.errors import Inconclusive

Item = TypeVar("Item")

MOST_CULPRITS = 3
"""Findings of one group. A server that deviates for more items deviates for a common reason."""

MOST_REQUESTS = 40
"""Requests that part one group, at most."""

MOST_FOR_REFUSED = 12
"""Requests that part a group because it is refused, at most."""


class Refused(Enum):
    """The outcome of a group that the server refuses, which is lawful."""

    REFUSED = "refused"


REFUSED = Refused.REFUSED

Outcome = Finding | Refused | None
"""What a probe says of a group: a finding, refused, or nothing to report."""

Probe = Callable[[Sequence[Item]], Outcome]


class _Spent(Exception):
    """No further part is tried."""


class _Parts(Generic[Item]):
    """Probes parts of a group, each once and in the order of the group."""

    def __init__(self, group: Sequence[Item], probe: Probe[Item], most: int) -> None:
        self._place = {item: index for index, item in enumerate(group)}
        self._probe = probe
        self._left = most
        self._known: dict[tuple[Item, ...], Outcome] = {}

    def outcome(self, part: Sequence[Item]) -> Outcome:
        """Return the outcome of a part.

        :raises _Spent: if no request is left for it.
        """
        key = tuple(sorted(part, key=self._place.__getitem__))
        if key not in self._known:
            if not self._left:
                raise _Spent
            self._left -= 1
            try:
                self._known[key] = self._probe(key)
            except Inconclusive:
                if not self._known:
                    raise
                raise _Spent from None
        return self._known[key]

    def deviates(self, part: Sequence[Item]) -> bool:
        """Return whether a part deviates."""
        return isinstance(self.outcome(part), Finding)

    def smallest(self, group: Sequence[Item]) -> tuple[Sequence[Item], Finding]:
        """Return the smallest part found of a group that deviates, and its finding."""
        with suppress(_Spent):  # then the smallest part so far
            self.deviates(self._needed([], group))
        found = [
            (one, outcome)
            for one, outcome in self._known.items()
            if isinstance(outcome, Finding) and set(one) <= set(group)
        ]
        return min(found, key=lambda pair: len(pair[0]))

    def _needed(self, base: Sequence[Item], group: Sequence[Item]) -> list[Item]:
        """Return what of ``group`` makes it deviate beside ``base``, which does not deviate on its own."""
        if len(group) == 1:
            return list(group)
        one, two = halves(group)
        if self.deviates([*base, *one]):
            return self._needed(base, one)
        if self.deviates([*base, *two]):
            return self._needed(base, two)
        # Only both together: what is needed of one half, and of the other beside that.
        first = self._needed([*base, *two], one)
        return [*first, *self._needed([*base, *first], two)]


def halves(group: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
    """Return the two halves of a group."""
    middle = (len(group) + 1) // 2
    return group[:middle], group[middle:]


def judge_group(
    group: Sequence[Item],
    probe: Probe[Item],
    name: Callable[[Item], str] = str,
    *,
    thorough: bool = False,
    most: int = MOST_REQUESTS,
) -> Outcome:
    """Expect that a group does not deviate, and name what makes it deviate.

    :param probe: sends one request with a part of the group, or with nothing.
    :param name: names an item in a finding.
    :param thorough: whether a group is parted to its single items if all of them are refused.
    :param most: bounds the requests.
    :returns: the outcome of the whole group, which has no finding.
    :raises Breach: with one finding for each item, or smallest combination of items, that deviates.
    :raises Inconclusive: if the group cannot be sent, or if the request deviates without it too.
    """
    parts = _Parts(group, probe, most)
    whole = parts.outcome(group)
    findings: list[Finding] = []
    with suppress(_Spent):
        for part in [group] if isinstance(whole, Finding) else _refused(parts, group, thorough):
            _collect(parts, part, name, findings)
    if findings:
        if _deviates_anyway(probe):
            raise Inconclusive("the request deviates with nothing added too")
        raise Breach(*findings)
    return whole


def _deviates_anyway(probe: Probe[Item]) -> bool:
    """Return whether the request without the group deviates; if it gets no response, the findings stand."""
    try:
        return isinstance(probe(()), Finding)
    except Inconclusive:
        return False


def _collect(
    parts: _Parts[Item],
    group: Sequence[Item],
    name: Callable[[Item], str],
    findings: list[Finding],
) -> None:
    """Add the findings of a group that deviates, until what is left of it does not."""
    while group and len(findings) < MOST_CULPRITS and parts.deviates(group):
        part, finding = parts.smallest(group)
        names = ", ".join(name(item) for item in part)
        text = f"shown by {names}" if len(part) == 1 else f"shown by {names} in one request"
        detail = f"{text}; {finding.detail}" if finding.detail else text
        findings.append(replace(finding, detail=detail))
        group = [item for item in group if item not in part]


def _refused(parts: _Parts[Item], group: Sequence[Item], thorough: bool) -> list[Sequence[Item]]:
    """Return the parts of a refused group that deviate where they are not refused with the rest."""
    found: list[Sequence[Item]] = []
    waiting, asked = [group], 0
    while waiting and asked < MOST_FOR_REFUSED:
        part = waiting.pop(0)
        if parts.outcome(part) is not REFUSED or len(part) == 1:
            continue
        pair = halves(part)
        asked += len(pair)
        try:
            outcomes = [parts.outcome(half) for half in pair]
        except _Spent:
            break
        found += [
            half for half, one in zip(pair, outcomes, strict=True) if isinstance(one, Finding)
        ]
        if thorough or any(one is not REFUSED for one in outcomes):
            waiting += pair
    return found
