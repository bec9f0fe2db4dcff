"""Builds the lines that show a defect: from its findings the one whose requests are plainest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.contract.verdict import Finding, mentioned
from conformance.http.exchange import Exchange
from conformance.privacy.masking import Mask
from conformance.privacy.text_notes import Notes
from conformance.reproduction.checks import check_of
from conformance.reproduction.envelopes import LONGEST
from conformance.reproduction.history import History
from conformance.reproduction.pairs import Pair, pair_of
from conformance.reproduction.probes import MEDIA_TYPE, Probe
from conformance.reproduction.relations import Check
from conformance.reproduction.script import Hidden, Script
from conformance.reproduction.terms import Sources
from conformance.text.printable import visible
from conformance.text.uuids import UUID
from conformance.text.wording import whole_words

_MOST_TRIED = 12
_LONGEST = 160
_ID = re.compile(UUID)
_CHECKED = re.compile(r"\A# (.*[,:] )?received (.*)\Z")
_MASKED = (
    "A masked word stands for data of the target: lines of a run with --show-data work as pasted."
)
_ALONE = "cannot be reproduced alone"
_IDS = frozenset({"ENV-08", "ENV-16"})
_KEPT = frozenset({"key in another letter case"})
"""Credentials that a server may take for the key before them: it keeps header fields for the connection."""
_TIMES = 4
"""How often a request is sent whose response differed from one time to the next."""
_RACE = "while both keys are used at the same time, responses are mixed up (ORG-15)"
_ONCE = "it did not occur again, although the data had not changed"
_WHOLE_RUN = frozenset({"ENV-14", "ENV-17"})
"""Requirements on the requests of a run together."""
_CACHES = frozenset({"ORG-09", "ORG-10"})
_DIRECT = frozenset({"ORG-01"})
"""Requirements on what follows a request of the owner, and on what needs none."""


@dataclass(frozen=True)
class Found:
    """A finding with the id of its requirement."""

    requirement: str
    finding: Finding


@dataclass(frozen=True)
class _Draft:
    """Lines with what speaks against them, the worst first."""

    drawbacks: tuple[bool, bool, bool]
    lines: tuple[str, ...]


class Reproducer:
    """Writes reproductions for the findings of one run.

    :param transcript: the exchanges as they were received.
    :param mask: what the report masks; None if it shows the data.
    :param notes: where the run notes how a term follows from a profile.

    ``races`` is whether the run showed that requests at the same time change each other's responses.
    """

    races = False

    def __init__(
        self, transcript: Sequence[Exchange], mask: Mask | None, notes: Notes | None = None
    ) -> None:
        self._transcript = transcript
        self._hidden = Hidden(mask)
        self._notes = notes or Notes()
        self._sources: Sources | None = None
        self._history = History(transcript)
        self._cached = False

    def lines(self, found: Sequence[Found], *, at_times: str = "") -> tuple[str, ...]:
        """Return the lines for the findings of one defect; none if it rests on no exchange.

        :param found: the findings, those that the title speaks of first.
        :param at_times: why the requests show the defect at one time only; empty if they show it each time.
        """
        broken = {item.requirement for item in found}
        self._cached = bool(broken & _CACHES) and not broken & _DIRECT
        usable = [item for item in found if self._exchange(item.finding) is not None]
        lead = usable[0].requirement if usable else ""
        ordered = sorted(
            usable, key=lambda item: (item.requirement != lead, *self._plainness(item))
        )
        best: _Draft | None = None
        for item in ordered[:_MOST_TRIED]:
            draft = self._draft(item)
            if best is None or draft.drawbacks < best.drawbacks:
                best = draft
            if not any(draft.drawbacks):
                break
        if best is None:
            return ()
        lines = self._hidden.masked(best.lines)
        if best.drawbacks[0]:
            # With a masked word, any server prints something else.
            lines = tuple(_CHECKED.sub(_look_for, line) for line in lines)
        why = at_times or (_RACE if self.races else "")
        if why and not any(_ALONE in line for line in lines):
            lines = (f"# This does not show each time: {why}. Repeat it:", *lines)
        return (*lines, f"# {_MASKED}") if best.drawbacks[0] else lines

    def _exchange(self, finding: Finding) -> Exchange | None:
        number = finding.exchange
        known = number is not None and 0 < number <= len(self._transcript)
        return self._transcript[number - 1] if known and number is not None else None

    def _plainness(self, item: Found) -> tuple[int, int, int, bool, int]:
        exchange = self._transcript[(item.finding.exchange or 1) - 1]
        request = exchange.request
        last = request.path.rpartition("/")[2]
        return (
            len(request.headers),
            len(request.query),
            len(mentioned(item.finding.expected, item.finding.detail)),
            bool(_ID.fullmatch(last)) and last != last.lower(),
            len(exchange.url),
        )

    def _draft(self, item: Found) -> _Draft:
        finding = self._whole(item.finding)
        exchange = self._transcript[(finding.exchange or 1) - 1]
        ids = [found.lower() for found in _ID.findall(f"{finding.received} {finding.detail or ''}")]
        if self._sources is None:
            self._sources = Sources(self._transcript)
        script = Script(self._transcript, self._sources, self._hidden, self._notes, ids[:3])
        why = _unseen(item, exchange)
        if why is not None:
            script.note(f"{why}: {self._said(finding)}.")
            script.prepare(exchange)
            return _Draft((script.unsolved, True, True), tuple(script.lines))
        if item.requirement in _IDS:
            sent = self._history.sends_until_ids_meet(exchange, [*self._mentioned(finding)])
            if sent is not None:
                return self._write_ids(script, *sent)
        pair = pair_of(
            item.requirement, item.finding, exchange, self._mentioned(finding), self._history
        )
        if pair is not None:
            self._write_pair(script, pair)
            return _Draft((script.unsolved, False, False), tuple(script.lines))
        check = check_of(finding, exchange, self._transcript)
        if check is None:
            for shown in (*self._mentioned(finding), exchange):
                options = "-i" if shown.request.method != "HEAD" else ""
                script.lines.append(script.command(shown, options))
            script.note(f"look for: {self._said(finding)}")
            return _Draft((script.unsolved, True, True), tuple(script.lines))
        alone = self._write_check(script, check, exchange)
        return _Draft((script.unsolved, False, not alone), tuple(script.lines))

    def _write_ids(self, script: Script, exchange: Exchange, times: int) -> _Draft:
        """Write a request that is sent until a ``request_id`` occurs twice, as it did in the run."""
        command = script.command(exchange, "", "| jq -c .meta.request_id")
        script.lines.append(
            f"for N in $(seq {times}); do {command}; done"
            " | sort | uniq -d | grep -q . && echo yes || echo no"
        )
        script.say(f"a request_id of {times} occurs twice: expected no, received yes")
        return _Draft((script.unsolved, False, False), tuple(script.lines))

    def _whole(self, finding: Finding) -> Finding:
        """Return a finding with its expectation masked if a comment cuts it: masks need whole names."""
        if len(finding.expected) <= LONGEST:
            return finding
        return replace(finding, expected=self._hidden.prose(finding.expected))

    def _said(self, finding: Finding) -> str:
        text = self._hidden.prose(f"expected {finding.expected}; received {finding.received}")
        return whole_words(" ".join(visible(text).split()), _LONGEST)

    def _write_check(self, script: Script, check: Check, exchange: Exchange) -> bool:
        """Write the requests with what they must print; return whether they show it each time."""
        exchange = check.shown_by or exchange
        label = f"{check.probe.label}: " if check.probe.label else ""
        for step in check.rests_on:
            self._write_kept(script, step.pages)
            if step.joined:
                script.join(step.pages, step.probe)
            else:
                script.run(step.pages[0], step.probe)
            script.say(f"{step.probe.label}: received {step.received}".removeprefix(": "))
        if check.pages:
            self._write_kept(script, check.pages)
            script.join(check.pages, check.probe)
            script.say(f"{label}expected {check.expected}, received {check.received}")
            return True
        others = [
            (other, value)
            for other in self._history.same(exchange)
            if other is not exchange
            and (value := check.probe.read(other)) is not None
            and value != check.received
        ]
        earlier = [item for item, _ in others if item.number < exchange.number]
        if others or self._cached or self._history.only_after_head(exchange):
            first = self._first(exchange, earlier)
        else:
            first = ()
        if not first and (kept := self._kept(exchange)):
            first = (kept,)
        if not others and self._history.asked_otherwise(exchange, check.probe.read):
            first = (*first, exchange)
        received = check.received
        if check.probe is MEDIA_TYPE:
            received = self._hidden.header("content-type", received)
        if earlier and not first:
            script.repeat(exchange, check.probe, check.received, _TIMES)
            script.say(f"{label}{received} in one of {_TIMES}: expected no, received yes")
            return True
        if others and not first:
            other, value = others[0]
            script.say(
                f"This does not show each time: the same request printed {value} in exchange "
                f"{other.number}. Repeat it:"
            )
        self._write_last(script, check.probe, exchange, first)
        script.say(f"{label}expected {check.expected}, received {received}")
        return not others or bool(first)

    def _write_last(
        self, script: Script, probe: Probe, exchange: Exchange, first: Sequence[Exchange]
    ) -> None:
        """Write the request that shows the defect, after those that come before it."""
        is_kept = exchange.request.credential in _KEPT
        valid = self._history.with_the_key(exchange) if is_kept else None
        for item in first:
            if valid is None or item.request.sent != valid.request.sent:
                script.prepare(item)
        if valid is None:
            script.run(exchange, probe)
        else:
            script.run_after(valid, exchange, probe)

    def _write_kept(self, script: Script, exchanges: Sequence[Exchange]) -> None:
        """Write the requests whose responses a cache may have kept."""
        for exchange in exchanges:
            kept = self._kept(exchange)
            if kept is not None:
                script.prepare(kept)

    def _kept(self, exchange: Exchange) -> Exchange | None:
        """Return a request whose response a cache may have kept: with another key, or another list."""
        return self._history.kept(exchange) or self._history.source(exchange)

    def _first(self, exchange: Exchange, earlier: Sequence[Exchange]) -> tuple[Exchange, ...]:
        """Return the requests that come before one whose response depends on what was sent before."""
        turn = self._history.turn(exchange)
        if not turn:
            before = self._history.before(exchange)
            is_between = not earlier or (before and before.number > earlier[-1].number)
            turn = (before,) if before is not None and is_between else ()
        # The same request had another response before, and may prepare this one, as for a cache.
        return (exchange, *turn) if earlier and turn else turn

    def _write_pair(self, script: Script, pair: Pair) -> None:
        for exchange in pair.before:
            script.prepare(exchange)
        script.keep("FIRST", pair.first, pair.first_pipe)
        for exchange in pair.between:
            script.prepare(exchange)
        if pair.varies:
            script.compare("FIRST", pair.second, pair.second_pipe, _TIMES)
        else:
            script.keep("SECOND", pair.second, pair.second_pipe)
            script.lines.append('[ "$FIRST" = "$SECOND" ] && echo same || echo different')
        wanted, received = ("same", "different") if pair.same else ("different", "same")
        script.say(f"expected {wanted}, received {received}")

    def _mentioned(self, finding: Finding) -> Iterator[Exchange]:
        for number in mentioned(finding.expected, finding.received, finding.detail):
            if number != finding.exchange and 0 < number <= len(self._transcript):
                yield self._transcript[number - 1]


def _look_for(check: re.Match[str]) -> str:
    """Return the comment of a check as one that says what to look for."""
    about = (check.group(1) or "").rstrip(" ,:") or "the status"
    return f"# look for: {about}; received {check.group(2)}"


def _unseen(item: Found, exchange: Exchange) -> str | None:
    """Return why a command cannot show a finding, None if it can."""
    finding = item.finding
    if item.requirement == "ORG-13":
        return (
            "A difference in time cannot be reproduced alone; send this request and the same one "
            "with an unknown id, twenty times by turns"
        )
    if item.requirement == "ORG-15":
        return (
            "This cannot be reproduced alone, it shows only under concurrent requests; send this request and "
            "the same one with the other key, eight at a time"
        )
    if item.requirement in _WHOLE_RUN:
        return "This cannot be reproduced alone, it rests on many requests"
    if _ONCE in (finding.detail or ""):
        return "This cannot be reproduced alone, it showed once and not again"
    if exchange.surplus or finding.expected == "no body":
        return "curl does not show what follows the end of a response"
    if exchange.cut and exchange.header("content-encoding"):
        return "curl does not show how far a packed body unpacks, if it has several parts"
    return None
