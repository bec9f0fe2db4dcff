"""Builds the lines that show a defect: from its findings the one whose requests are plainest."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request
from conformance.privacy.masking import Mask
from conformance.privacy.text_notes import Notes
from conformance.reproduction.checks import LONGEST, check_of
from conformance.reproduction.probes import MEDIA_TYPE, STATUS
from conformance.reproduction.relations import Check, joined_listed
from conformance.reproduction.script import Hidden, Script
from conformance.reproduction.terms import Sources
from conformance.text.printable import visible
from conformance.text.uuids import UUID
from conformance.text.wording import whole_words

_MOST_TRIED = 12
_MOST_WRITES = 4
_LONGEST = 160
_ID = re.compile(UUID)
_MENTIONED = re.compile(r"exchange (\d+)")
_MASKED = (
    "A masked word stands for data of the target: lines of a run with --show-data work as pasted."
)
_ALONE = "cannot be reproduced alone"
_RACE = (
    "This does not show each time: while both keys are used at the same time, responses are mixed up "
    "(ORG-15). Repeat it:"
)
_ONCE = "it did not occur again, although the data had not changed"
_WHOLE_RUN = frozenset({"ENV-14", "ENV-17"})
"""Requirements on the requests of a run together."""
_CACHES = frozenset({"ORG-09", "ORG-10"})
_DIRECT = frozenset({"ORG-01"})
"""Requirements on what follows a request of the owner, and on what needs none."""
_STATE = {"RO-05": "the write methods", "RO-07": "the reads"}
"""Requirement on what requests change → those requests."""


@dataclass(frozen=True)
class Found:
    """A finding with the id of its requirement."""

    requirement: str
    finding: Finding


@dataclass(frozen=True)
class _Pair:
    """Two responses of which a part must be the same, or must differ."""

    first: Exchange
    first_pipe: str
    second: Exchange
    second_pipe: str
    between: tuple[Exchange, ...] = ()
    same: bool = True


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
        self._alike: dict[tuple[object, ...], list[Exchange]] = {}
        self._cached = False

    def lines(self, found: Sequence[Found]) -> tuple[str, ...]:
        """Return the lines for the findings of one defect; none if it rests on no exchange.

        :param found: the findings, those that the title speaks of first.
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
        if self.races and not any(_ALONE in line for line in lines):
            lines = (f"# {_RACE}", *lines)
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
            len(_MENTIONED.findall(f"{item.finding.expected} {item.finding.detail}")),
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
        pair = self._pair(item, exchange)
        if pair is not None:
            self._write_pair(script, pair)
            return _Draft((script.unsolved, False, False), tuple(script.lines))
        check = check_of(finding, exchange, self._transcript)
        if check is None:
            for other in self._mentioned(finding):
                script.run(other, STATUS)
                script.say(f"received {other.status}")
            script.lines.append(
                script.command(exchange, "-i" if exchange.request.method != "HEAD" else "")
            )
            script.note(f"look for: {self._said(finding)}")
            return _Draft((script.unsolved, True, True), tuple(script.lines))
        alone = self._write_check(script, check, exchange)
        return _Draft((script.unsolved, False, not alone), tuple(script.lines))

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
        label = f"{check.probe.label}: " if check.probe.label else ""
        if check.pages:
            script.join(check.pages, check.probe)
            script.say(f"{label}expected {check.expected}, received {check.received}")
            return True
        if check.lacking:
            record = check.probe.label.partition(" ")[0]
            script.join(check.lacking, joined_listed(record))
            script.say(f"{record} is on a page: received false")
        if check.other is not None:
            probe = check.other_probe or check.probe
            script.run(check.other, probe)
            script.say(f"{probe.label}: received {probe.read(check.other)}".removeprefix(": "))
        others = [
            (other, value)
            for other in self._same(exchange)
            if other is not exchange
            and (value := check.probe.read(other)) is not None
            and value != check.received
        ]
        before = self._before(exchange) if others or self._cached else None
        earlier = [item for item in others if item[0].number < exchange.number]
        if earlier:
            # The first request prepares the second one, as a cache does.
            first, value = earlier[-1]
            script.run(exchange, check.probe)
            script.say(f"{label}received {value}")
            before = before if before is not None and before.number > first.number else None
        if before is not None:
            script.prepare(before)
        elif others and not earlier:
            other, value = others[0]
            script.say(
                f"This does not show each time: the same request printed {value} in exchange "
                f"{other.number}. Repeat it:"
            )
        script.run(exchange, check.probe)
        received = check.received
        if check.probe is MEDIA_TYPE:
            received = self._hidden.header("content-type", received)
        script.say(f"{label}expected {check.expected}, received {received}")
        return not others or bool(earlier) or before is not None

    def _write_pair(self, script: Script, pair: _Pair) -> None:
        script.keep("FIRST", pair.first, pair.first_pipe)
        for exchange in pair.between:
            script.prepare(exchange)
        script.keep("SECOND", pair.second, pair.second_pipe)
        script.lines.append('[ "$FIRST" = "$SECOND" ] && echo same || echo different')
        wanted, received = ("same", "different") if pair.same else ("different", "same")
        script.say(f"expected {wanted}, received {received}")

    def _pair(self, item: Found, exchange: Exchange) -> _Pair | None:
        """Return the two responses that a finding compares, if no line of one of them shows it."""
        finding = item.finding
        if item.requirement in _STATE:
            return self._around(item.requirement, exchange)
        if item.requirement == "RET-02" and exchange.is_record:
            name = re.match(r"\w+", finding.received)
            page = self._page_of(exchange)
            if name is not None and page is not None:
                row = (
                    f'.data[] | select(.id == "{exchange.member("data", "id")}") | .{name.group()}'
                )
                one, two = shlex.quote(row), shlex.quote(f".data.{name.group()}")
                return _Pair(page, f"| jq -c {one}", exchange, f"| jq -c {two}")
        for other in self._mentioned(finding):
            if item.requirement in ("ENV-08", "ENV-16"):
                pipe = "| jq -c .meta.request_id"
                return _Pair(other, pipe, exchange, pipe, same=False)
            if self._key(other) == self._key(exchange) and other.json != exchange.json:
                pipe = "| jq -c '[.data[].id]'" if exchange.is_page else "| jq -cS .data"
                return _Pair(other, pipe, exchange, pipe)
        return None

    def _around(self, requirement: str, after: Exchange) -> _Pair | None:
        """Return the responses before and after requests that must change nothing."""
        first = next((item for item in self._same(after) if item.number < after.number), None)
        if first is None:
            return None
        between: dict[object, Exchange] = {}
        for item in self._transcript[first.number : after.number - 1]:
            is_wanted = item.request.writes if requirement == "RO-05" else _reads_one(item.request)
            if is_wanted:
                between.setdefault((item.request.method, item.request.path.count("/")), item)
        pipe = "| jq -cS .data"
        return _Pair(first, pipe, after, pipe, tuple(between.values())[: 2 * _MOST_WRITES])

    def _page_of(self, exchange: Exchange) -> Exchange | None:
        """Return a page of the unfiltered list that has a profile."""
        record = exchange.member("data", "id")
        for item in self._transcript:
            request = item.request
            plain = not request.headers and request.credential == exchange.request.credential
            unfiltered = all(name in ("limit", "offset") for name, _ in request.query)
            if (
                plain
                and item.is_page
                and unfiltered
                and record in [row.get("id") for row in item.rows]
            ):
                return item
        return None

    def _mentioned(self, finding: Finding) -> Iterator[Exchange]:
        text = f"{finding.expected} {finding.received} {finding.detail or ''}"
        for number in dict.fromkeys(int(found) for found in _MENTIONED.findall(text)):
            if number != finding.exchange and 0 < number <= len(self._transcript):
                yield self._transcript[number - 1]

    def _before(self, exchange: Exchange) -> Exchange | None:
        """Return the last request for the same URL before an exchange that was sent in another way."""
        for item in reversed(self._transcript[: exchange.number - 1]):
            is_other = self._key(item) != self._key(exchange)
            if is_other and item.request.target == exchange.request.target and item.status < 400:
                return item
        return None

    def _same(self, exchange: Exchange) -> list[Exchange]:
        """Return the exchanges of a request, in their order."""
        if not self._alike:
            for item in self._transcript:
                self._alike.setdefault(self._key(item), []).append(item)
        return self._alike[self._key(exchange)]

    @staticmethod
    def _key(exchange: Exchange) -> tuple[object, ...]:
        request = exchange.request
        return request.method, request.target, request.credential, request.headers, request.content


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


def _reads_one(request: Request) -> bool:
    return request.method == "GET" and request.path.startswith(f"{COLLECTION}/")
