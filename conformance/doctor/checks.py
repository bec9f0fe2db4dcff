"""What is said of what was seen: a check each, with what to do where something is to be done."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import ceil

from conformance.contract.document import LIST, Contract
from conformance.doctor.checkup import Check, Forecast, ok, problem, warning
from conformance.doctor.probe import TargetSurvey
from conformance.doctor.survey import KeySurvey
from conformance.errors import Inconclusive
from conformance.http import rate_headers
from conformance.http.client import Client
from conformance.http.exchange import HTTP2, Exchange
from conformance.http.quota import HOUR, RESERVE
from conformance.running.result import other_version
from conformance.target.credentials import OTHER, OWN
from conformance.target.target import OTHER_KEY_VARIABLE
from conformance.text.wording import plural

_SLOW = 0.5
_NOT_JUDGED = "isolation between organisations cannot be judged"


def keys(seen: TargetSurvey, client: Client) -> Iterator[Check]:
    """Whether each key is accepted, and whether they are of different organisations."""
    own, other = seen.own, seen.other
    assert isinstance(own.first, Exchange)
    if own.usable:
        yield ok("key", "accepted")
    if other is None:
        yield _no_other_key(client)
        return
    if not other.usable:
        yield _other_refused(other)
        return
    yield ok("other key", "accepted")
    if own.usable:
        yield _organisations(own, other)


def _no_other_key(client: Client) -> Check:
    advice = f"export {OTHER_KEY_VARIABLE} with a key of another organisation"
    if client.target.foreign_ids:
        number = plural(len(client.target.foreign_ids), "id")
        return warning(
            "other key",
            f"none: isolation is judged by {number} of --foreign-id alone",
            f"{advice}, and more can be judged",
        )
    return problem("other key", f"none: {_NOT_JUDGED}", f"{advice}, or give --foreign-id")


def _other_refused(other: KeySurvey) -> Check:
    if not isinstance(other.first, Exchange):
        came = f"got no answer: {other.first}"
    else:
        came = f"was answered {other.first.summary()}"
    advice = f"see that {OTHER_KEY_VARIABLE} holds a valid key of another organisation"
    if isinstance(other.first, Exchange) and other.first.status == 429:
        advice = "the quota of the key is used up: try again after the top of the hour"
    return problem("other key", f"its list {came}: {_NOT_JUDGED}", advice)


def _organisations(own: KeySurvey, other: KeySurvey) -> Check:
    mine, theirs = own.ids, other.ids
    common = mine & theirs
    seen = (
        "" if own.complete and other.complete else f" among the {len(mine)} and {len(theirs)} seen"
    )
    if not mine or not theirs:
        which = "own" if not mine else "other"
        return warning(
            "organisations",
            f"the {which} organisation has no profile: {_NOT_JUDGED}",
            "give a key of an organisation that has profiles",
        )
    if mine == theirs or (common and common in (mine, theirs)):
        return problem(
            "organisations",
            f"both keys list the same {plural(len(common), 'profile')}: they belong to one organisation, "
            "or there is no isolation",
            f"give a key of another organisation in {OTHER_KEY_VARIABLE}; if it is one, isolation is broken",
        )
    if common:
        return problem(
            "organisations",
            f"both keys list {plural(len(common), 'profile')} in common{seen}: isolation is broken",
            "a run will report it (ORG-05)",
        )
    return ok("organisations", f"they differ: no id in common{seen}")


def shape(seen: TargetSurvey, contract: Contract) -> Iterator[Check]:
    """Envelope, members and meta of the first list."""
    first = seen.own.first
    assert isinstance(first, Exchange)
    if not seen.own.usable:
        yield problem(
            "contract shape",
            f"the list was answered {first.summary()}, not 200 with data and meta",
            "a run can be made and will report it; what the data can establish cannot be said",
        )
        return
    wrong = []
    if first.json_problem:
        wrong.append(first.json_problem)
    lacking = sorted(
        {name for row in first.rows for name in contract.members if name not in row},
        key=contract.members.index,
    )
    if lacking:
        wrong.append(f"members lacking: {', '.join(lacking)}")
    meta = first.member("meta")
    absent = [
        name for name in ("request_id", "limit", "has_more", "next_offset") if name not in meta
    ]
    if absent:
        wrong.append(f"meta lacks {', '.join(absent)}")
    schema = contract.response_schema(LIST, 200)
    if schema is not None and not lacking and not absent:
        # Where, and not what: the values are somebody's.
        found = contract.problems(schema, first.json)
        wrong += [f"{text.split(': ')[0]} is not as the schema has it" for text in found]
    if wrong:
        yield warning("contract shape", "; ".join(wrong), "a run will report it")
    elif not first.rows:
        yield warning(
            "contract shape", "envelope and meta as they should be; no profile to look at"
        )
    else:
        members = len(contract.members)
        yield ok("contract shape", f"envelope, meta and the {members} members as they should be")


def quota(known: Iterable[KeySurvey], client: Client) -> tuple[dict[str, dict[str, object]], Check]:
    """What the headers say of each key's hour.

    :returns: identity → ``limit``, ``remaining``, ``resets_at``; and the check.
    """
    found: dict[str, dict[str, object]] = {}
    for one in known:
        last = _last_with_quota(client, one.credential)
        if last is not None:
            found[one.credential] = {
                "limit": rate_headers.limit(last),
                "remaining": rate_headers.remaining(last),
                "resets_at": resets_at(last).isoformat().replace("+00:00", "Z"),
            }
    if not found:
        return found, warning(
            "quota",
            "answers do not tell it: X-RateLimit-Limit and X-RateLimit-Remaining are not sent",
            "see that nobody else needs the key while a run is made",
        )
    parts = [
        f"{name} key {facts['remaining']} of {facts['limit'] or 'an unknown number'}"
        for name, facts in found.items()
    ]
    resets = str(found[next(iter(found))]["resets_at"])
    return found, ok("quota", f"left in this hour: {', '.join(parts)}; anew at {resets[11:16]} UTC")


def granted(facts: Mapping[str, object]) -> int:
    """What a run may send with a key: what is left, less what is left to the key's other users."""
    left, limit = facts["remaining"], facts["limit"]
    assert isinstance(left, int)
    return max(left - ceil(limit * RESERVE), 0) if isinstance(limit, int) else left


def _last_with_quota(client: Client, identity: str) -> Exchange | None:
    answers = [item for item in client.transcript if item.request.identity == identity]
    return next(
        (item for item in reversed(answers) if rate_headers.remaining(item) is not None), None
    )


def resets_at(exchange: Exchange) -> datetime:
    """Return when the hour of a key ends, by the header, else by the contract at the top of the hour."""
    sent = rate_headers.date(exchange)
    now = datetime.fromisoformat(exchange.started_at).timestamp() if sent is None else sent
    reset = rate_headers.reset_at(exchange, now)
    return datetime.fromtimestamp((now // HOUR + 1) * HOUR if reset is None else int(reset), UTC)


def version(client: Client) -> Iterator[Check]:
    """Whether HTTP/2 is spoken, where it was asked for."""
    if not client.target.network.http2:
        return
    amiss = other_version(client.target, Counter(item.protocol for item in client.transcript))
    if amiss is None:
        yield ok("HTTP", f"{HTTP2} is spoken, as asked for (--http2)")
    else:
        advice = "have HTTP/2 offered where TLS ends, or leave --http2 out"
        yield warning("HTTP", amiss.rstrip("."), advice)


def pace(client: Client) -> Check:
    """How long an answer takes."""
    times = [item.elapsed for item in client.transcript]
    middle = statistics.median(times)
    text = f"an answer takes {middle * 1000:.0f} ms"
    if client.incidents:
        return warning(
            "answers",
            f"{text}; {plural(len(client.incidents), 'request')} failed on the way, the last: "
            f"{client.incidents[-1].text}",
            "a run bears a few of them, and gives up where they are more than one in twenty",
        )
    if middle > _SLOW:
        return warning(
            "answers", f"{text}: a run will take its time", "ask from a place that is nearer"
        )
    return ok("answers", text)


def size(known: KeySurvey) -> Check:
    """How large a directory is."""
    name = f"{known.credential} directory"
    if known.size_problem is not None:
        return warning(
            name,
            f"at least {plural(known.least, 'profile')}: {known.size_problem}",
            "a run will look into it",
        )
    if known.complete and not known.least:
        return problem(
            name,
            "empty: hardly anything can be seen",
            "give a key of an organisation with profiles",
        )
    if known.complete:
        return ok(name, f"{plural(known.least, 'profile')}, all of them seen")
    if known.most == known.least:
        return ok(name, f"{plural(known.least, 'profile')}, {len(known.rows)} of them seen")
    if known.most is None:
        return ok(
            name, f"at least {plural(known.least, 'profile')}, {len(known.rows)} of them seen"
        )
    return ok(
        name,
        f"between {known.least:,} and {plural(known.most, 'profile')}, {len(known.rows)} of them seen",
    )


def locations(seen: TargetSurvey, given: int) -> Check:
    """Which locations are known."""
    own = len(seen.used_locations(seen.own, ())) and len(seen.own.locations or [])
    other = len(seen.other.locations or []) if seen.other is not None else 0
    named = f", {given} by --location-id" if given else ""
    if own or given:
        text = f"{own} of the own organisation listed{named}, {other} of the other"
        return ok("locations", text)
    answer = seen.own.locations_answer
    if isinstance(answer, Exchange):
        came = "an empty list" if answer.is_page else answer.summary()
    else:
        came = "no answer" if isinstance(answer, Inconclusive) else "not asked for"
    return warning(
        "locations",
        f"none is known: GET /locations was answered with {came}",
        "give --location-id with the id of a location that has some clinicians and not all",
    )


def requirements(forecast: Forecast) -> Check:
    """How many requirements the data can establish."""
    total = forecast.established + len(forecast.open)
    musts = sum(requirement.level == "must" for requirement in forecast.open)
    text = f"{forecast.established} of {total} can be established with this data"
    if not forecast.exact:
        text += ", as far as it was sampled"
    if musts:
        return problem(
            "requirements",
            f"{text}; {plural(musts, 'must', 'musts')} cannot",
            "add what is lacking, as listed below, or take the run as incomplete",
        )
    if forecast.open:
        return warning("requirements", f"{text}; only recommendations cannot")
    return ok("requirements", text)


def cost(
    forecast: Forecast, bound: int, hours: Mapping[str, Mapping[str, object]]
) -> Iterator[Check]:
    """Whether the chosen depth fits into the bound and into each key's hour."""
    sent = forecast.costs[forecast.depth]
    about = "" if forecast.exact else "about "
    text = (
        f"a {forecast.depth} run sends {about}{sent[OWN]} requests with the own key, "
        f"{sent[OTHER]} with the other"
    )
    if max(sent[OWN], sent[OTHER]) > bound:
        yield problem(
            "cost",
            f"{text}: more than --max-requests {bound}",
            "raise it, or choose a smaller depth",
        )
        return
    for name, facts in hours.items():
        if sent[name] > granted(facts):
            yield problem(
                "cost",
                f"{text}: the {name} key has {facts['remaining']} left in this hour, "
                f"and {RESERVE:.0%} of all are left to its other users",
                "wait for the next hour, or choose a smaller depth",
            )
            return
    yield ok("cost", text)
