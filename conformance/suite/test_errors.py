"""Errors say what went wrong for the caller, and nothing of what is inside."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import LIST, RETRIEVE, Contract
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.judging.session import Session
from conformance.suite.pages import binding, errors_of, is_a_proxys, is_list, reads
from conformance.text.wording import whole_words

_TRACES = re.compile(
    r"""Traceback\ \(most\ recent | File\ "[^"]+",\ line\ \d+ | \bin\ <module>
    | \bat\ [\w$.<>]+\([\w$]+\.(?:java|kt|scala|cs):\d+\) | \bat\ .{0,80}\.(?:js|ts|mjs|cjs):\d+:\d+
    | Exception\ in\ thread | goroutine\ \d+\ \[ | \#\d+\ \S+\.php\(\d+\) | \.rb:\d+:in\ | stack\s?trace
    | \.py:\d+ | \.go:\d+ | panicked\ at""",
    re.VERBOSE | re.IGNORECASE,
)
_SQL = re.compile(
    # As code writes it: a sentence may select a value from a list, or say where something must be.
    r"""\bSELECT\b.{1,200}\bFROM\b | \bINSERT\s+INTO\b | \bUPDATE\b.{1,80}\bSET\b | \bDELETE\s+FROM\b
    | \bWHERE\b.{1,80}= | \bselect\b[^.]{1,80}\bfrom\b[^.]{1,80}\bwhere\b | SQLSTATE | ORA-\d{5}
    | (?i:\bsqlite3?\b | psycopg | SQLAlchemy | ActiveRecord | \bPG:: | pymysql | mysqli?_ | \bpostgres
    | OperationalError | ProgrammingError | DatabaseError
    | (?:syntax\ error|unterminated).{0,40}(?:near|at\ or\ near) | near\ ".*?":\ syntax\ error
    | no\ such\ (?:table|column) | relation\ ".*?"\ does\ not\ exist | unrecognized\ token
    | error\ in\ your\ SQL | fts5?: | invalid\ input\ syntax\ for)""",
    re.VERBOSE | re.DOTALL,
)
_PATHS = re.compile(
    r"""(?<![\w/])/(?:usr|home|var|opt|srv|app|etc|root|tmp|mnt|workspace|Users|code|site-packages)/[\w.@-]+
    | [A-Za-z]:\\[\w\\.-]+ | file:// | node_modules/ | site-packages/""",
    re.VERBOSE,
)
_HOSTS = re.compile(
    r"""\b[\w-]+(?:\.[\w-]+)*\.(?:internal|local|lan|corp|svc|intranet|localdomain)\b
    | \bip-\d+-\d+-\d+-\d+\b | \blocalhost\b
    | \b(?:10|127)\.\d+\.\d+\.\d+\b | \b192\.168\.\d+\.\d+\b | \b172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+\b
    | \b[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*:\d{4,5}\b""",
    re.VERBOSE | re.IGNORECASE,
)


def said(exchange: Exchange) -> str:
    """The text of an error without what the request itself had put there."""
    text = exchange.body.decode("utf-8", "replace")
    if exchange.json is not None:
        text = "\n".join(_strings(exchange.json))
    sent = [value for _, value in exchange.request.query if isinstance(value, str)]
    sent.append(exchange.request.path.rsplit("/", 1)[1])
    # The caller has sent the path, and an id like req:10042 is no host with a port.
    sent.append(urlsplit(exchange.url).path.removesuffix(f"/{sent[-1]}"))
    sent.append(exchange.request_id or "")
    for value in sorted(sent, key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "…")
    return text


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, member in value.items() for text in (str(key), *_strings(member))]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return [value] if isinstance(value, str) else []


def silent(
    transcript: Transcript, patterns: tuple[re.Pattern[str], ...], what: str, spared: str = ""
) -> None:
    """No error shows anything of the kind."""
    errors = errors_of(transcript)
    if not errors:
        raise Inconclusive("no error was seen")
    for exchange in errors:
        text = said(exchange)
        for pattern in patterns:
            shown = next(
                (
                    match
                    for match in pattern.finditer(text)
                    if not spared or spared not in match.group()
                ),
                None,
            )
            if shown is not None:
                raise exchange.breach(
                    f"no {what}", f"{exchange.status} with {whole_words(shown.group(), 60)!r}"
                )


@requirement("ERR-01", universal=True, depth=Depth.SMOKE)
def test_no_stack_trace(transcript: Transcript) -> None:
    silent(transcript, (_TRACES,), "stack trace")


@requirement("ERR-02", universal=True, depth=Depth.SMOKE)
def test_no_sql(transcript: Transcript) -> None:
    silent(transcript, (_SQL,), "SQL and no text of a database")


@requirement("ERR-03", universal=True)
def test_no_path_and_no_host(transcript: Transcript, session: Session) -> None:
    # What the caller dialled is no secret to him: a link to the documentation may name it.
    host = urlsplit(session.target.base_url).hostname or ""
    silent(transcript, (_PATHS, _HOSTS), "file path and no internal host name", spared=host)


@requirement("ERR-04", universal=True, depth=Depth.SMOKE)
def test_every_status_is_documented(transcript: Transcript, contract: Contract) -> None:
    answers = [item for item in reads(transcript) if not is_a_proxys(item)]
    if not answers:
        raise Inconclusive("no answer was seen")
    for answer in answers:
        operation = LIST if is_list(answer) else RETRIEVE
        if not contract.documented(operation, answer.status):
            listed = ", ".join(contract.operations[operation]["responses"])
            received = answer.summary() if answer.redirect else str(answer.status)
            raise answer.breach(f"one of the statuses {listed}", received)


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("stack trace", marks=requirement("ERR-01", universal=True)),
        pytest.param("text of a database", marks=requirement("ERR-02", universal=True)),
    ],
)
def test_what_makes_errors_was_asked(transcript: Transcript, what: str) -> None:
    """With a wrong key, and with a parameter that is malformed."""
    requests = [item.request for item in binding(transcript)]
    malformed = any(query in request.query for request in requests for query in _MALFORMED)
    if not malformed or not any(request.credential == "a key never issued" for request in requests):
        raise Inconclusive(f"too little was asked in vain for a {what} to show")


_MALFORMED = (("location_id", ""), ("limit", ""))


@requirement("ERR-04", universal=True)
def test_something_was_asked_for_again(transcript: Transcript) -> None:
    if not any(item.request.repeat for item in reads(transcript) if not is_list(item)):
        raise Inconclusive("no profile was asked for again")
