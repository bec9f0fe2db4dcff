"""Turns a survey into checks, each with advice if there is something to do."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from conformance.running.cautions import other_version
from conformance.running.cost import Cost
from conformance.target.credentials import OTHER, OWN
from conformance.target.target import OTHER_KEY_VARIABLE
from conformance.text.stamps import rfc3339
from conformance.text.wording import plural

_SLOW = 0.5
_NOT_JUDGED = "isolation between organisations cannot be checked"


def key_name(identity: str) -> str:
    """Return what users call the key of an identity."""
    return "your key" if identity == OWN else "the second organisation's key"


def keys(seen: TargetSurvey, client: Client) -> Iterator[Check]:
    """Check that each key is accepted and that they belong to different organisations."""
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
    advice = f"set {OTHER_KEY_VARIABLE} to a key of another organisation"
    if client.target.foreign_ids:
        number = plural(len(client.target.foreign_ids), "id")
        return warning(
            "other key",
            f"none: isolation is checked with {number} of --foreign-id alone",
            f"{advice} to check more",
        )
    return problem("other key", f"none: {_NOT_JUDGED}", f"{advice}, or pass --foreign-id")


def _other_refused(other: KeySurvey) -> Check:
    if not isinstance(other.first, Exchange):
        received = f"got no response: {other.first}"
    else:
        received = f"returned {other.first.summary()}"
    advice = f"check that {OTHER_KEY_VARIABLE} is a valid key of another organisation"
    if isinstance(other.first, Exchange) and other.first.status == 429:
        advice = "the rate limit of the key is reached: try again after the full hour"
    return problem("other key", f"its list {received}: {_NOT_JUDGED}", advice)


def _organisations(own: KeySurvey, other: KeySurvey) -> Check:
    mine, theirs = own.ids, other.ids
    common = mine & theirs
    read = (
        "" if own.complete and other.complete else f" among the {len(mine)} and {len(theirs)} read"
    )
    if not mine or not theirs:
        which = "your" if not mine else "the second"
        return warning(
            "organisations",
            f"{which} organisation has no profile: {_NOT_JUDGED}",
            "use a key of an organisation that has profiles",
        )
    if mine == theirs or (common and common in (mine, theirs)):
        return problem(
            "organisations",
            f"both keys list the same {plural(len(common), 'profile')}: they belong to one organisation, "
            "or there is no isolation",
            f"set {OTHER_KEY_VARIABLE} to a key of another organisation; if it is one, isolation is broken",
        )
    if common:
        return problem(
            "organisations",
            f"both keys list {plural(len(common), 'profile')} in common{read}: isolation is broken",
            "a run will report it (ORG-05)",
        )
    return ok("organisations", f"different: no id in common{read}")


def shape(seen: TargetSurvey, contract: Contract) -> Iterator[Check]:
    """Check envelope, members and meta of the first list."""
    first = seen.own.first
    assert isinstance(first, Exchange)
    if not seen.own.usable:
        yield problem(
            "contract shape",
            f"the list returned {first.summary()}, not 200 with data and meta",
            "a run is possible and will report it; what it can check cannot be forecast",
        )
        return
    wrong = []
    if first.json_problem:
        wrong.append(first.json_problem)
    missing = sorted(
        {name for row in first.rows for name in contract.members if name not in row},
        key=contract.members.index,
    )
    if missing:
        wrong.append(f"missing members: {', '.join(missing)}")
    meta = first.member("meta")
    absent = [
        name for name in ("request_id", "limit", "has_more", "next_offset") if name not in meta
    ]
    if absent:
        wrong.append(f"meta lacks {', '.join(absent)}")
    schema = contract.response_schema(LIST, 200)
    if schema is not None and not missing and not absent:
        # The path alone: the values are personal data.
        found = contract.problems(schema, first.json)
        wrong += [f"{text.split(': ')[0]} does not match the schema" for text in found]
    if wrong:
        yield warning("contract shape", "; ".join(wrong), "a run will report it")
    elif not first.rows:
        yield warning(
            "contract shape", "envelope and meta match the contract; there is no profile to check"
        )
    else:
        members = len(contract.members)
        yield ok("contract shape", f"envelope, meta and the {members} members match the contract")


def quota(known: Iterable[KeySurvey], client: Client) -> tuple[dict[str, dict[str, object]], Check]:
    """Check how many requests each key has left, by the headers.

    :returns: identity → ``limit``, ``remaining``, ``resets_at``; and the check.
    """
    found: dict[str, dict[str, object]] = {}
    for one in known:
        last = _last_with_quota(client, one.credential)
        if last is not None:
            found[one.credential] = {
                "limit": rate_headers.limit(last),
                "remaining": rate_headers.remaining(last),
                "resets_at": rfc3339(resets_at(last), "seconds"),
            }
    if not found:
        return found, warning(
            "quota",
            "unknown: the responses have no X-RateLimit-Limit and X-RateLimit-Remaining",
            "check that nothing else uses the keys during a run",
        )
    parts = [
        f"{key_name(name)} {facts['remaining']} of {facts['limit'] or 'an unknown number'}"
        for name, facts in found.items()
    ]
    resets = str(found[next(iter(found))]["resets_at"])
    return found, ok("quota", f"requests left: {', '.join(parts)}; resets at {resets[11:16]} UTC")


def granted(facts: Mapping[str, object]) -> int:
    """Return the requests that a run may send with a key: those left, less a reserve for its other users."""
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
    """Check that the target speaks HTTP/2, if --http2 asks for it."""
    if not client.target.network.http2:
        return
    amiss = other_version(client.target, Counter(item.protocol for item in client.transcript))
    if amiss is None:
        yield ok("HTTP", f"the target speaks {HTTP2} (--http2)")
    else:
        advice = "enable HTTP/2 where TLS ends, or omit --http2"
        yield warning("HTTP", amiss.rstrip("."), advice)


def pace(client: Client) -> Check:
    """Check how long a response takes."""
    times = [item.elapsed for item in client.transcript]
    middle = statistics.median(times)
    text = f"a response takes {middle * 1000:.0f} ms"
    if client.incidents:
        return warning(
            "answers",
            f"{text}; {plural(len(client.incidents), 'request')} failed, the last: "
            f"{client.incidents[-1].text}",
            "a run tolerates a few failures and ends if more than one request in twenty fails",
        )
    if middle > _SLOW:
        return warning(
            "answers", f"{text}: a run will be slow", "run from a network nearer to the target"
        )
    return ok("answers", text)


def size(known: KeySurvey) -> Check:
    """Check the size of a directory."""
    name = f"{known.credential} directory"
    if known.size_problem is not None:
        return warning(
            name,
            f"at least {plural(known.least, 'profile')}: {known.size_problem}",
            "a run examines the list further",
        )
    if known.complete and not known.least:
        return problem(
            name,
            "empty: most requirements cannot be checked",
            "use a key of an organisation with profiles",
        )
    if known.complete:
        return ok(name, f"{plural(known.least, 'profile')}, all of them read")
    if known.most == known.least:
        return ok(name, f"{plural(known.least, 'profile')}, {len(known.rows)} of them read")
    if known.most is None:
        return ok(
            name, f"at least {plural(known.least, 'profile')}, {len(known.rows)} of them read"
        )
    return ok(
        name,
        f"between {known.least:,} and {plural(known.most, 'profile')}, {len(known.rows)} of them read",
    )


def locations(seen: TargetSurvey, given: Sequence[str], other_given: Sequence[str]) -> Check:
    """Check that locations of both organisations are known.

    :param given: ids of locations of the organisation by the settings.
    :param other_given: the same of the second organisation.
    """
    own = len(seen.used_locations(seen.own, ())) and len(seen.own.locations or [])
    other = len(seen.other.locations or []) if seen.other is not None else 0
    named = f" listed and {len(given)} by --location-id" if given else ""
    others = f" listed and {len(other_given)} by --other-location-id" if other_given else ""
    if own or given:
        text = f"{own} of your organisation{named}, {other} of the second organisation{others}"
        if seen.other is not None and seen.other.usable and not other and not other_given:
            advice = (
                "pass --other-location-id with the id of a location that has some of its clinicians"
            )
            return warning("locations", text, advice)
        return ok("locations", text)
    answer = seen.own.locations_answer
    if isinstance(answer, Exchange):
        received = "returned an empty list" if answer.is_page else f"returned {answer.summary()}"
    else:
        received = "got no response" if isinstance(answer, Inconclusive) else "was not requested"
    return warning(
        "locations",
        f"none is known: GET /locations {received}",
        "pass --location-id with the id of a location that has some of the clinicians, but not all",
    )


def requirements(forecast: Forecast) -> Check:
    """Check how many requirements a run can check."""
    total = forecast.established + len(forecast.open)
    musts = sum(requirement.level == "must" for requirement in forecast.open)
    text = f"{forecast.established} of {total} can be checked with this data"
    if not forecast.exact:
        text += " (estimated from a sample)"
    if musts:
        return problem(
            "requirements",
            f"{text}; {plural(musts, 'mandatory requirement')} cannot",
            "add the missing data listed below, or accept an incomplete run",
        )
    if forecast.open:
        return warning("requirements", f"{text}; only recommended requirements cannot")
    return ok("requirements", text)


def cost(
    forecast: Forecast, bound: int, hours: Mapping[str, Mapping[str, object]]
) -> Iterator[Check]:
    """Check that the run fits into --max-requests and into what each key has left."""
    sent = forecast.costs[forecast.depth]
    about = "" if forecast.exact else "about "
    text = f"a {forecast.depth} run sends {about}{Cost.of(sent).in_words()}"
    if max(sent[OWN], sent[OTHER]) > bound:
        yield problem(
            "cost",
            f"{text}: more than --max-requests {bound}",
            "raise it, or choose a lower depth",
        )
        return
    for name, facts in hours.items():
        if sent[name] > granted(facts):
            yield problem(
                "cost",
                f"{text}: {key_name(name)} has {facts['remaining']} left until the limit resets, "
                f"and {RESERVE:.0%} of its limit is kept for its other users",
                "wait for the next hour, or choose a lower depth",
            )
            return
    yield ok("cost", text)
