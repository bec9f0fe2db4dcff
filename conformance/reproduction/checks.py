"""Chooses what shows a finding: a probe of its response, and what it must print.

A check is proposed from the words of the finding and taken only if the recorded response has the value that
they name, so a sentence that is worded in another way costs the check and never makes a wrong one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence

from conformance.contract.verdict import Finding, mentioned
from conformance.diagnosis.structure import unexpected_status
from conformance.http.exchange import Exchange
from conformance.reproduction import bodies, envelopes, probes
from conformance.reproduction.envelopes import Proposals, steps_of, wanted_of
from conformance.reproduction.grounds import related
from conformance.reproduction.probes import Probe
from conformance.reproduction.relations import LISTED, Check, Step, joined, spelled_in
from conformance.target.credentials import OTHER
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from conformance.text.uuids import UUID

_META = re.compile(r"(?:meta[./])?(limit|has_more|next_offset)(?: an?)?\b:? ([\w-]+)?")
_NUMBER = re.compile(r"(\d[\d,]*) (?:record|profile|unexpected record)s?\b")
_LEAKED = re.compile(rf"(?:profile|record)s?\b[^:;]*: ({UUID})")
_ORDER = re.compile(rf"from position (\d+) on.*the list has ({UUID}), the page has ({UUID})")
_HEADER = re.compile(r"\b(X-[A-Za-z-]+|WWW-Authenticate|Allow)\b")
_LENGTHS = re.compile(r"announced length is \d+ and \d+")
_FACT = re.compile(r"header ([\w-]+) is|body((?:\.\w+|\[\d+\])+) is|(status|media type|body) is")
_PLACE = re.compile(r"(data(?:\[\d+\])?)(?: \(id|$)")
_SCHEMA = re.compile(r"\d{3}: ((?:data|meta|error)(?:/\w+)*): ")
_QUOTED = re.compile(r" with ('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_STATUSES = re.compile(r"\d{3}(?:(?:, | or )\d{3})*\Z")
_MEMBERS = re.compile(r"\w+")
_TWICE = re.compile(r"has the member '(\w+)' twice")
_CONSTANT = re.compile(r"contains (NaN|-?Infinity)")


_FORMS = {
    "a UUID": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    "an absolute URI": "^[A-Za-z][A-Za-z0-9+.-]*:",
    "an e-mail address": "^[^@ ]+@[^@ ]+[.][^@ ]+$",
    "an RFC 3339 timestamp": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})$",
}
"""What a case expects of a text → a pattern that such a text has."""

Chooser = Callable[[Finding, Exchange], Proposals]


def check_of(finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a finding, None if no line shows it."""
    whole = joined(finding, exchange, transcript)
    if whole is not None:
        return whole
    compared = _compared(finding, exchange, transcript)
    if compared is not None and mentioned(finding.expected):
        return compared
    for chooser in _CHOOSERS:
        for probe, expected in chooser(finding, exchange):
            received = probe.read(exchange)
            if received is not None and received != expected:
                check = Check(probe, expected, received)
                return related(check, finding, exchange, transcript)
    return compared


def _incomplete(_: Finding, exchange: Exchange) -> Proposals:
    if exchange.broken:
        yield probes.COMPLETE, "complete"


def _empty(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield the probe of an empty body, where the status is right and a body is expected."""
    is_right = exchange.status == 200 and exchange.request.method != "HEAD"
    if is_right and not exchange.body and re.match("200|the ", finding.expected):
        yield bodies.EMPTY, "no"


def _statuses(finding: Finding, exchange: Exchange) -> Proposals:
    if unexpected_status(finding) is not None or "status" in finding.expected.partition(" (")[0]:
        yield probes.STATUS, wanted_of(finding)
    elif _STATUSES.match(finding.expected.partition(":")[0]):
        if str(exchange.status) not in finding.expected:
            yield probes.STATUS, wanted_of(finding)
    elif finding.expected == "no refusal of the key":
        yield probes.STATUS, "200"
    elif finding.expected.startswith(("no data without", "a client error", "a status code from")):
        yield probes.STATUS, "401" if "without" in finding.expected else "a client error"


def _meta(finding: Finding, exchange: Exchange) -> Proposals:
    if "," in finding.received and "," in finding.expected:
        yield from _several(finding)
        return
    found = _META.match(finding.received)
    if found is None:
        return
    name, value = found.groups()
    sum_of = re.match(r"next_offset (\d+) \(offset \d+ and (\d+) record", finding.expected)
    if sum_of is not None:
        yield probes.both("data", "meta.next_offset"), f"[{sum_of.group(2)},{sum_of.group(1)}]"
    if "as has_more is" in finding.expected:
        yield probes.both("meta.has_more", "meta.next_offset"), wanted_of(finding)
    probe = probes.member("meta", name)
    if value in ("null", "absent") or value == probe.read(exchange):
        wanted = re.search(rf"{name} (\d+|true|false|null)\b", finding.expected)
        yield probe, wanted.group(1) if wanted else wanted_of(finding)
    else:
        yield probes.type_of("meta", name), wanted_of(finding)


def _several(finding: Finding) -> Proposals:
    """Yield probes of the member that differs: ``limit an integer, next_offset absent``."""
    wanted = dict(part.partition(" ")[::2] for part in finding.expected.split(", "))
    for part in finding.received.split(", "):
        name, _, received = part.partition(" ")
        if name in ("limit", "has_more", "next_offset", "request_id") and name in wanted:
            if received == "absent":
                yield probes.has("meta", name), "true"
            elif received.split(" ")[-1] not in wanted[name]:
                yield probes.type_of("meta", name), wanted[name] or "string"


def _ordered(finding: Finding, _: Exchange) -> Proposals:
    order = _ORDER.search(f"{finding.received}; {finding.detail or ''}")
    if order is not None:
        yield probes.at(int(order.group(1)) - 1), order.group(2)


def _counted(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield probes of how many records a page has."""
    received, limit = len(exchange.rows), exchange.member("meta", "limit")
    counted = re.match(r"([\d,]+) records?\Z", finding.received)
    if counted is not None and int(counted.group(1).replace(",", "")) != received:
        return  # of a list that is joined from pages
    expected = finding.expected
    number = _NUMBER.search(expected)
    ended = re.match(r"([\d,]+) records?, meta\.(has_more|next_offset) (\S+)\Z", finding.received)
    if ended is not None and ended.group(2) == "has_more":
        right = "false" if ended.group(3) == "true" else "true"
        yield probes.both("data", "meta.has_more"), f"[{received},{right}]"
    elif ended is not None and exchange.member("meta", "has_more") is False:
        yield probes.both("data", "meta.next_offset"), f"[{received},null]"
    if "empty list" in expected or "no profile, as" in expected:
        yield probes.COUNT, "0"
    elif "as has_more is true" in expected and "as many" not in expected:
        yield probes.both("data", "meta.has_more"), "at least one record if has_more is true"
    elif "empty list" in finding.received:
        yield probes.COUNT, "at least 1"
    elif "as meta.limit" in expected or "as many records as meta.limit" in expected:
        if "as many" in expected and exchange.member("meta", "has_more") is True:
            # A shorter page is right if it is the last one.
            full = probes.both("data", "meta.limit", "meta.has_more")
            yield full, f"[{limit},{limit},true] or has_more false"
        elif received != limit:
            yield probes.COUNT, f"at most {limit}"
    elif number is not None and "lists" not in expected:
        wanted = int(number.group(1).replace(",", ""))
        exact = not re.search("at most|at least|the last|hold", expected)
        if exact or received > wanted:
            yield probes.COUNT, str(wanted) if exact else f"at most {wanted}"


def _listed(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield probes of which records a page has."""
    for kind, record in LISTED.findall(f"{finding.received}; {finding.detail or ''}"):
        spelled = spelled_in(record, exchange)
        if kind.startswith("returned"):
            yield probes.times(spelled), "1"
        else:
            yield probes.listed(spelled), json.dumps(kind == "missing")
    leaked = _LEAKED.search(finding.received)
    if leaked is not None and "missing" not in finding.received:
        yield probes.listed(spelled_in(leaked.group(1), exchange)), "false"
    if "two" in finding.received or "twice" in finding.received:
        yield probes.DISTINCT, str(len(exchange.rows))


def _one_record(finding: Finding, exchange: Exchange) -> Proposals:
    if exchange.is_record and finding.received.startswith("the profile "):
        wanted = re.search(UUID, finding.expected)
        yield probes.IDENTITY, wanted.group() if wanted else wanted_of(finding)
        yield probes.STATUS, wanted_of(finding)


def _headers(finding: Finding, exchange: Exchange) -> Proposals:
    names = _HEADER.findall(finding.expected) or _HEADER.findall(finding.received)
    if finding.received.startswith("the header "):
        yield probes.header(finding.received.split()[-1]), "0"
    for word in ("POST", "PUT", "PATCH", "DELETE"):
        if "Allow header without" in finding.expected and word in (exchange.header("allow") or ""):
            yield probes.header_with("Allow", word), "0"
    unwanted = re.match(r"(?:no|neither)\b", finding.expected)
    for name in names:
        if exchange.header(name) is None:
            yield probes.header(name), "1"
        elif unwanted:  # otherwise its value is wrong, which a count does not show
            yield probes.header(name), "0"
    if "application/json" in finding.expected:
        yield probes.MEDIA_TYPE, "application/json"


def _members(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield probes of a member: of a profile by its place, or by the path of a schema."""
    schema = _SCHEMA.match(finding.received)
    if schema is not None:
        parts = steps_of(schema.group(1).replace("/", "."))
        yield probes.member(*parts), wanted_of(finding)
        yield probes.type_of(*parts), wanted_of(finding)
    place = _PLACE.match(finding.detail or "")
    if place is None:
        if finding.received.endswith("absent"):
            row = ("data",) if exchange.is_record else ("data", 0)
            yield probes.has(*row, _MEMBERS.findall(finding.received)[0]), "true"
        return
    parts = steps_of(place.group(1))
    name = _MEMBERS.findall(finding.received)[0] if _MEMBERS.search(finding.received) else ""
    if "missing" in finding.received or "absent" in finding.received:
        yield probes.has(*parts, name), "true"
    elif finding.expected.startswith("no member"):
        yield probes.has(*parts, name), "false"
    else:
        name = finding.expected.split()[0]
        if name == "updated_at":
            yield probes.rises(*parts), "true"
        for words, pattern in _FORMS.items():
            if words in finding.expected:
                yield probes.matches(pattern, *parts, name), "true"
        yield probes.type_of(*parts, name), wanted_of(finding).removeprefix(f"{name} ")


def _body(finding: Finding, exchange: Exchange) -> Proposals:
    """Yield probes of the text of a body."""
    if finding.received.endswith("with the key of the request"):
        name = OTHER_KEY_VARIABLE if exchange.request.credential == OTHER else KEY_VARIABLE
        yield bodies.key_in_response(name), "no"
    if exchange.cut:
        yield probes.LONG, "false"
    for pattern in (_TWICE, _CONSTANT):
        found = pattern.search(finding.received)
        if found is not None:
            text = f'"{found.group(1)}":' if pattern is _TWICE else found.group(1)
            yield bodies.occurrences(text), "1" if pattern is _TWICE else "0"
    quoted = _QUOTED.search(finding.received)
    if quoted is not None:
        for text in sorted(ast.literal_eval(quoted.group(1)).splitlines(), key=len, reverse=True):
            if text.strip():
                yield bodies.occurrences(text.strip()), "0"
    if "byte order mark" in finding.received:
        yield bodies.MARKED, "0"
    elif "UTF-8" in finding.received:
        yield bodies.MALFORMED, "0"
    elif "JSON" in finding.received or "JSON" in finding.expected:
        yield probes.STRICT, "JSON"


_CHOOSERS: tuple[Chooser, ...] = (
    _incomplete,
    _empty,
    _statuses,
    _meta,
    _ordered,
    _counted,
    _listed,
    _one_record,
    _headers,
    _members,
    envelopes.members,
    envelopes.texts,
    envelopes.request_id,
    envelopes.unwanted,
    envelopes.errors,
    _body,
)


def _compared(finding: Finding, exchange: Exchange, transcript: Sequence[Exchange]) -> Check | None:
    """Return the check of a finding on two responses that must be alike, or must differ."""
    for number in mentioned(finding.expected, finding.received, finding.detail):
        if number == exchange.number or not 0 < number <= len(transcript):
            continue
        other = transcript[number - 1]
        for probe in _facts(finding, exchange, other):
            one, two = probe.read(exchange), probe.read(other)
            if one is not None and two is not None and one != two:
                return Check(probe, two, one, (Step((other,), probe, two),))
    return None


def _facts(finding: Finding, exchange: Exchange, other: Exchange) -> Iterator[Probe]:
    """Yield probes that may tell two responses apart, first those that the finding names."""
    for name, path, fact in _FACT.findall(finding.detail or ""):
        if name:
            yield probes.header(name)
        elif fact == "status":
            yield probes.STATUS
        elif fact == "media type":
            yield probes.MEDIA_TYPE
        elif path:
            steps = steps_of(path)
            yield from (probes.member(*steps), probes.type_of(*steps))
            if steps[0] == "error":
                yield probes.text(*steps)
    if _LENGTHS.search(finding.detail or ""):
        yield bodies.LENGTH
    yield from (probes.STATUS, probes.MEDIA_TYPE, probes.COUNT, probes.CODE, probes.IDENTITY)
    for name in ("limit", "has_more", "next_offset"):
        yield probes.member("meta", name)
    pairs = zip(exchange.ids, other.ids, strict=False)
    yield from (probes.at(index) for index, (one, two) in enumerate(pairs) if one != two)
