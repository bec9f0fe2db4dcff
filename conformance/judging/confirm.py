"""Confirms breaches: repeats their cases between two reads of the directories.

A breach counts if it occurs again while the data do not change. Changing data may explain any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import prod

from conformance.contract.cases import Case
from conformance.contract.verdict import UNSTABLE, CaseResult, Finding
from conformance.directory.changes import Change, between, coincidence, differing, edited
from conformance.directory.directory import Directory
from conformance.http.request import COLLECTION
from conformance.judging.session import Session
from conformance.target.credentials import IDENTITIES, OWN

ROUNDS = 4
"""Repetitions of a breach while the data change each time; on a busy target one may be undisturbed."""

BLAMED = 2
"""Repetitions in which the data must change, and then be stable, for the requests to be the cause."""

CONTROLS = 3
"""Reads in which the data must be stable after a change, for the requests to be its cause."""

PATIENCE = 6
"""The time over which these reads are spread, in multiples of the time that the repetition took."""

WRITERS = frozenset({"RO-05"})
"""Requirements whose cases send requests that must not change data, but might."""

READERS = frozenset({"PAG-10", "RO-07"})
"""Requirements whose cases cannot see a side effect of reading that happens only once."""

MOVED = "two reads of the directory differed during each attempt to judge it"

LEFT = (
    "the data changed after the first request; "
    "a side effect of reading cannot be told from an outside edit"
)

Snapshot = dict[str, tuple[str, Directory]]
Run = Callable[[Sequence[Case]], list[CaseResult]]


def confirmed(
    session: Session,
    cases: Sequence[Case],
    results: Sequence[CaseResult],
    settled: list[CaseResult],
    run: Run,
) -> list[CaseResult]:
    """Return the results with each breach confirmed.

    A breach that occurs again while the data are stable is a finding. One that does not is a finding too,
    marked as unstable, if the data have not changed since the first result; otherwise the repeated result
    counts.

    :param settled: the results as far as they are settled, also if this is interrupted.
    :param run: runs cases once more.
    """
    if not any(result.findings or result.inconclusive == MOVED for result in results):
        return list(results)
    confirmation = _Confirmation(session, cases, results, settled, run)
    for attempt in range(ROUNDS):
        writers = confirmation.unsettled(writers=True)
        # More attempts would blame requests that write for a coincidence.
        groups = [confirmation.unsettled(writers=False), writers if attempt < BLAMED else []]
        if not any(groups):
            break
        confirmation.begin()
        for group in filter(None, groups):
            confirmation.repeat(group)
    if session.own.problem:
        # The universal cases that follow need a directory: the first one is better than none.
        session.own = confirmation.origin[OWN][1]
    return confirmation.settled


class _Confirmation:
    """The state of a confirmation.

    ``origin`` is the snapshot on which the first results are based, ``before`` the latest snapshot;
    ``settled`` are the results so far; ``transient`` are the ids that only lists of the first run had.
    """

    def __init__(
        self,
        session: Session,
        cases: Sequence[Case],
        results: Sequence[CaseResult],
        settled: list[CaseResult],
        run: Run,
    ) -> None:
        self.session = session
        self.cases = cases
        self.results = results
        self.run = run
        self.settled = settled
        self.origin = self.before = session.snapshot()
        self.began, self.sent = 0.0, 0
        self.transient = _transient(session, 0, self.origin)
        self.blamed = 0

    def unsettled(self, *, writers: bool) -> list[int]:
        """Return the indexes of the results to confirm, of the cases that write or of all others."""
        return [
            index
            for index, result in enumerate(self.settled)
            if (result.findings and result is self.results[index]) or result.inconclusive == MOVED
            if (self.cases[index].requirement in WRITERS) is writers
        ]

    def begin(self) -> None:
        """Read the directories before an attempt."""
        self._mark()
        self._advance(_fresh_snapshot(self.session))

    def _mark(self) -> None:
        """Note the time and the number of requests at the start of a repetition."""
        self.began, self.sent = time.perf_counter(), self.session.client.total_sent

    def _advance(self, now: Snapshot) -> None:
        """Make a snapshot the latest one, and note what changed in the own directory."""
        if OWN in self.before and OWN in now:
            one, two = self.before[OWN][1], now[OWN][1]
            self.session.movement.note(one, two, self.session.contract.members)
        self.before = now

    def repeat(self, group: Sequence[int]) -> None:
        """Run the cases of some results once more, and settle those results that can be settled."""
        session, before = self.session, self.before
        start = len(session.transcript)
        repeated = self.run([self.cases[index] for index in group])
        after = _fresh_snapshot(session)
        transient = _transient(session, start, self.origin, before, after)
        around = Change.MOVED if transient - self.transient else _change(session, before, after)
        since = around if around is Change.MOVED else _change(session, self.origin, before)
        # Profiles that only the first run saw were deleted since; a fault that invents them does it again.
        if since is Change.NONE and self.transient - transient:
            since = Change.MOVED
        writes = self.cases[group[0]].requirement in WRITERS
        new = transient - self.transient
        if writes and around is Change.MOVED and not new and self._is_stable(after):
            self.blamed += 1
            around = Change.NONE if self.blamed == BLAMED else Change.MOVED
        else:
            session.movement.seen |= since is Change.MOVED and session.movement.differs
        for index, second in zip(group, repeated, strict=True):
            shown = _shown(session, second, before, after)
            result = _settled(self.results[index], second, around, since, shown)
            clean = not result.findings and result.inconclusive is None
            if (
                clean
                and second.requirement in READERS
                and _by_reading(session, self.origin, before)
            ):
                result = replace(result, inconclusive=LEFT)
            self.settled[index] = result
        self._advance(after)
        self._mark()

    def _is_stable(self, now: Snapshot) -> bool:
        """Return whether the data that have changed are stable while only lists are read.

        The reads take much longer than the repetition that saw the change, and at least as many requests. If
        the data are stable, neither time nor the number of requests changed them, but the requests did.
        """
        session, client = self.session, self.session.client
        seconds = (time.perf_counter() - self.began) * PATIENCE
        least = client.total_sent - self.sent
        changed = {
            now[name][0]
            for name, one in self.before.items()
            if name in now and _change(session, {name: one}, {name: now[name]}) is not Change.NONE
        }
        reads, start = 0, client.total_sent
        while reads < CONTROLS or client.total_sent - start < least:
            time.sleep(seconds / CONTROLS)
            if _change(session, now, _fresh_snapshot(session, changed)) is not Change.NONE:
                return False
            reads += 1
        return True


def _fresh_snapshot(session: Session, whose: Collection[str] = IDENTITIES) -> Snapshot:
    session.client.forget()
    session.learn(whose)
    return session.snapshot()


def _shown(
    session: Session, second: CaseResult, before: Snapshot, after: Snapshot
) -> tuple[Finding, ...]:
    """Return the findings of a repetition that have a witness that did not change."""
    return tuple(
        finding
        for finding in second.findings
        if any(_unchanged(session, record, before, after) for record in finding.witnesses)
    )


def _unchanged(session: Session, record: str, before: Snapshot, after: Snapshot) -> bool:
    """Return whether a profile is the same in two snapshots, or was never in any list."""
    members = session.contract.members
    if before.keys() != after.keys():
        return False
    pairs = [(one, after[name][1]) for name, (_, one) in before.items()]
    listed = [pair for pair in pairs if any(record in directory.by_id for directory in pair)]
    if not listed:
        return not any(record in page.ids for page in session.transcript if page.is_page)
    return all(
        record in one.by_id
        and record in two.by_id
        and not differing(one.by_id[record], two.by_id[record], members)
        for one, two in listed
    )


def _settled(
    first: CaseResult,
    second: CaseResult,
    around: Change,
    since: Change,
    shown: tuple[Finding, ...] = (),
) -> CaseResult:
    """Return the result of a case after its repetition.

    :param around: how the data changed during the repetition.
    :param since: how the data changed between the first result and the repetition.
    :param shown: findings of the repetition that changing data do not explain.
    """
    # If the data could not be read, those that changed before may have changed again.
    meanwhile = since if around is Change.UNKNOWN else around
    if second.findings and meanwhile is not Change.MOVED:
        return second
    if shown:
        return replace(second, findings=shown)
    certain = tuple(finding for finding in first.findings if finding.certain)
    if certain:
        return replace(first, findings=certain)
    if second.findings:
        return replace(first, findings=(), inconclusive=MOVED)
    unsent = second.exhausted or (around is Change.UNKNOWN and second.inconclusive is not None)
    # Without a repetition and without fresh data, changing data may explain the breach.
    if unsent and since is Change.NONE:
        note = "not confirmed: the limit on requests was reached"
    elif since is Change.NONE and second.inconclusive is None:
        note = UNSTABLE
    else:
        return second
    return replace(first, findings=tuple(_noted(finding, note) for finding in first.findings))


def _noted(finding: Finding, note: str) -> Finding:
    return replace(finding, detail=f"{finding.detail}; {note}" if finding.detail else note)


def _change(session: Session, one: Snapshot, two: Snapshot) -> Change:
    """Return how the data of both organisations changed between two snapshots."""
    retrieved = {name: _retrieved(session, name) for name in IDENTITIES[:2]}
    members = session.contract.members
    chances = {
        name: coincidence(before, two[name][1], retrieved[identity], members)
        for name, (identity, before) in one.items()
        if name in two
    }
    changes = [
        between(
            before,
            two[name][1],
            retrieved[identity],
            members,
            prod(chance for other, chance in chances.items() if other != name),
        )
        if name in two
        else Change.UNKNOWN
        for name, (identity, before) in one.items()
    ]
    for change in (Change.MOVED, Change.UNKNOWN):
        if change in changes:
            return change
    return Change.NONE


def _retrieved(session: Session, identity: str) -> set[str]:
    return {
        item.record_asked_for
        for item in session.transcript
        if item.is_record and item.request.identity == identity and item.record_asked_for
    }


def _transient(session: Session, start: int, *snapshots: Snapshot) -> set[str]:
    """Return the profiles that lists contained since exchange ``start``, but no snapshot contains.

    Profiles that are created and deleted between two snapshots leave no other trace. If a snapshot is not
    complete, the profiles that it has missed cannot be distinguished from these, and none is returned.
    """
    directories = [
        snapshot[name][1] for snapshot in snapshots for name in IDENTITIES[:2] if name in snapshot
    ]
    if not all(directory.complete for directory in directories):
        return set()
    known = {record for directory in directories for record in directory.by_id}
    return {
        record
        for page in session.transcript.exchanges[start:]
        if page.is_page and page.request.path == COLLECTION
        for record in page.ids
        if record not in known
    }


def _by_reading(session: Session, one: Snapshot, two: Snapshot) -> bool:
    """Return whether the changes may be a side effect of reading that happens only once.

    This is so if profiles have changed, and only profiles that this run has retrieved; if the run has
    retrieved most profiles, that may be a coincidence. It is also so if the windows of a large directory
    contain other profiles than before, none of them new or edited, while the total is the same.
    """
    changed = moved = False
    for name, (identity, before) in one.items():
        if name not in two:
            continue
        after = two[name][1]
        changes = edited(before, after, session.contract.members)
        if not changes <= _retrieved(session, identity):
            return False
        changed = changed or bool(changes)
        if before.size is not None and before.size == after.size and before.seen != after.seen:
            latest = max(str(row.get("updated_at")) for row in before.rows)
            moved = moved or all(str(row.get("updated_at")) <= latest for row in after.rows)
    return changed or moved
