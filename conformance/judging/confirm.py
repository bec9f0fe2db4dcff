"""Whether a breach stands: asked for again, between two fresh walks, while the data stood still."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from conformance.contract.cases import Case
from conformance.contract.verdict import CaseResult, Finding
from conformance.directory.changes import Change, between, differing, edited
from conformance.directory.directory import Directory
from conformance.http.request import COLLECTION
from conformance.judging.session import Session
from conformance.target.credentials import IDENTITIES, OWN

ROUNDS = 4
"""How often a breach is asked for while the data move each time: on a lively target one of them is lucky."""

BLAMED = 2
"""How often the data must move by what is asked, and then stand still, for it to be the cause: each time."""

CONTROLS = 3
PATIENCE = 6
"""How many times as long as a look took the data must then stand still, to have been moved by the look."""

WRITERS = frozenset({"RO-05"})
"""Requirements whose cases send what must not, but might, change data."""

READERS = frozenset({"PAG-10", "RO-07"})
"""Requirements whose cases cannot see again what reading has changed once and for all."""

MOVED = "the data moved each time that it was judged"

LEFT = "what has changed since may be what the first look has left, which a second one cannot tell"

Snapshot = dict[str, tuple[str, Directory]]
Again = Callable[[Sequence[Case]], list[CaseResult]]


def confirmed(
    session: Session, cases: Sequence[Case], results: Sequence[CaseResult], run: Again
) -> list[CaseResult]:
    """The results, with every breach asked for again.

    A breach that comes back while the data stood still is a finding. One that does not come back is one
    too, marked unstable, if the data have not moved since it was seen; otherwise what came back counts.

    :param run: runs cases once more.
    """
    looks = _Looks(session, cases, results, run)
    for turn in range(ROUNDS):
        writers = looks.unsettled(writers=True)
        # With more chances than these, what writes would be blamed for what happens by chance.
        groups = [looks.unsettled(writers=False), writers if turn < BLAMED else []]
        if not any(groups):
            break
        looks.begin()
        for group in filter(None, groups):
            looks.repeat(group)
    if session.own.problem:
        # For what comes last, what was seen at first is better than nothing.
        session.own = looks.origin[OWN][1]
    return looks.settled


class _Looks:
    """The looks at what was found, each between two walks.

    ``origin`` is what was known when it was found, ``before`` the last walk; ``settled`` is what the results
    have come to.
    """

    def __init__(
        self,
        session: Session,
        cases: Sequence[Case],
        results: Sequence[CaseResult],
        run: Again,
    ) -> None:
        self.session = session
        self.cases = cases
        self.results = results
        self.run = run
        self.settled = list(results)
        self.origin = self.before = session.snapshot()
        self.began, self.sent = 0.0, 0
        self.seen = _guests(session, 0, self.origin)
        self.blamed = 0

    def unsettled(self, *, writers: bool) -> list[int]:
        """The places of the results that have to be looked at yet, of those that write or of all others."""
        return [
            place
            for place, result in enumerate(self.settled)
            if (result.findings and result is self.results[place]) or result.inconclusive == MOVED
            if (self.cases[place].requirement in WRITERS) is writers
        ]

    def begin(self) -> None:
        """Walk anew before a round of looks."""
        self._mark()
        self._walked(_walk_again(self.session))

    def _mark(self) -> None:
        self.began, self.sent = time.perf_counter(), self.session.client.total_sent

    def _walked(self, now: Snapshot) -> None:
        if OWN in self.before and OWN in now:
            one, two = self.before[OWN][1], now[OWN][1]
            self.session.movement.note(one, two, self.session.contract.members)
        self.before = now

    def repeat(self, group: Sequence[int]) -> None:
        """Look at some of the results once more, and settle what can be settled."""
        session, before = self.session, self.before
        start = len(session.transcript)
        again = self.run([self.cases[place] for place in group])
        after = _walk_again(session)
        guests = _guests(session, start, self.origin, before, after)
        around = Change.MOVED if guests - self.seen else _change(session, before, after)
        since = around if around is Change.MOVED else _change(session, self.origin, before)
        # Who was seen in the first look alone has come and gone; a fault that invents them does it again.
        if since is Change.NONE and self.seen - guests:
            since = Change.MOVED
        writes = self.cases[group[0]].requirement in WRITERS
        if writes and around is Change.MOVED and not guests - self.seen and self._stills(after):
            self.blamed += 1
            around = Change.NONE if self.blamed == BLAMED else Change.MOVED
        else:
            session.movement.seen = session.movement.seen or since is Change.MOVED
        for place, second in zip(group, again, strict=True):
            shown = _shown(session, second, before, after)
            result = _settled(self.results[place], second, around, since, shown)
            clean = not result.findings and result.inconclusive is None
            if (
                clean
                and second.requirement in READERS
                and _by_reading(session, self.origin, before)
            ):
                result = replace(result, inconclusive=LEFT)
            self.settled[place] = result
        self._walked(after)
        self._mark()

    def _stills(self, now: Snapshot) -> bool:
        """Whether the data that have changed stand still while nothing is asked but walks.

        For much longer than they had for their change, and while as much is asked. Then it was neither the
        time between nor the number of requests that has changed them, but what was asked.
        """
        session, client = self.session, self.session.client
        seconds = (time.perf_counter() - self.began) * PATIENCE
        asked = client.total_sent - self.sent
        whose = {
            now[name][0]
            for name, one in self.before.items()
            if name in now and _change(session, {name: one}, {name: now[name]}) is not Change.NONE
        }
        walks, start = 0, client.total_sent
        while walks < CONTROLS or client.total_sent - start < asked:
            time.sleep(seconds / CONTROLS)
            if _change(session, now, _walk_again(session, whose)) is not Change.NONE:
                return False
            walks += 1
        return True


def _walk_again(session: Session, whose: Collection[str] = IDENTITIES) -> Snapshot:
    session.client.forget()
    session.learn(whose)
    return session.snapshot()


def _shown(
    session: Session, second: CaseResult, before: Snapshot, after: Snapshot
) -> tuple[Finding, ...]:
    """The findings of a second look that a profile shows which stood still, whatever else moved."""
    return tuple(
        finding
        for finding in second.findings
        if any(_stood_still(session, record, before, after) for record in finding.witnesses)
    )


def _stood_still(session: Session, record: str, before: Snapshot, after: Snapshot) -> bool:
    """Whether a profile was the same in two looks, or is one that nobody has ever seen in a list."""
    members = session.contract.members
    if before.keys() != after.keys():
        return False
    pairs = [(one, after[name][1]) for name, (_, one) in before.items()]
    listed = [pair for pair in pairs if any(record in look.by_id for look in pair)]
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
    """What a breach comes to that was asked for again.

    :param around: what happened to the data around the second look, ``since`` since the first.
    :param shown: findings of the second look that no movement explains.
    """
    # Where a walk could not be made, what has moved before may have moved again.
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
    unasked = second.exhausted or (around is Change.UNKNOWN and second.inconclusive is not None)
    # What could neither be asked for again nor be compared with fresh data may have been movement.
    if unasked and since is Change.NONE:
        note = "not asked for again: the bound on requests was reached"
    elif since is Change.NONE and second.inconclusive is None:
        note = "unstable: it did not come back when asked for again, while the data stood still"
    else:
        return second
    return replace(first, findings=tuple(_noted(finding, note) for finding in first.findings))


def _noted(finding: Finding, note: str) -> Finding:
    return replace(finding, detail=f"{finding.detail}; {note}" if finding.detail else note)


def _change(session: Session, one: Snapshot, two: Snapshot) -> Change:
    """What happened to the data of both organisations between two walks."""
    retrieved = {name: _retrieved(session, name) for name in IDENTITIES[:2]}
    members = session.contract.members
    changes = [
        between(before, two[name][1], retrieved[identity], members)
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


def _guests(session: Session, start: int, *looks: Snapshot) -> set[str]:
    """Profiles that lists held since a place in the record, and none of the looks at the whole did.

    Data that come and go between two looks leave no other trace. Where a look has not seen the whole,
    nobody can be told from those that it has missed.
    """
    directories = [look[name][1] for look in looks for name in IDENTITIES[:2] if name in look]
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
    """Whether what has changed is such as reading may leave behind once, and a second look cannot show.

    Either profiles have changed, and none but those that this run has retrieved: where most were, that may
    be chance. Or, of a directory that was seen through windows, other profiles stand there, none of them
    new or edited since, and they are as many as before.
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
