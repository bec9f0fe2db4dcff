"""Information disclosure: what errors must not show of the server behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.suite.universal import covered, errors_of
from conformance.text.terms import DIRECTORIES
from conformance.text.wording import whole_words

# Every quantifier is bounded, or followed by what it cannot match itself: the time of a search is linear in
# the length of the text. A test counts the steps of each pattern.
_LABEL = r"[\w-]{1,63}+"
"""A label of a host name."""

STACK_TRACE = re.compile(
    r"""Traceback\ \(most\ recent | File\ "[^"]{1,300}+",\ line\ \d | \bin\ <module>
    | \bat\ [\w$.<>]{1,300}+\([\w$]{1,100}+\.(?:java|kt|scala|cs):\d
    | \bat\ .{0,80}\.(?:js|ts|mjs|cjs):\d{1,9}:\d
    | Exception\ in\ thread | goroutine\ \d{1,9}\ \[ | \#\d{1,4}\ [^\s(]{1,300}+(?<=\.php)\(\d
    | \.rb:\d{1,9}:in\ | stack\s?trace | \.py:\d | \.go:\d | panicked\ at""",
    re.VERBOSE | re.IGNORECASE,
)
SQL = re.compile(
    # In the letter case of code: an English sentence can have select, from and where too.
    r"""\bSELECT\b.{1,200}\bFROM\b | \bINSERT\s{1,20}INTO\b | \bUPDATE\b.{1,80}\bSET\b
    | \bDELETE\s{1,20}FROM\b | \bWHERE\b.{1,80}=
    | \bselect\b[^.]{1,80}\bfrom\b[^.]{1,80}\bwhere\b | SQLSTATE | ORA-\d{5}
    | (?i:\bsqlite3?\b | psycopg | SQLAlchemy | ActiveRecord | \bPG:: | pymysql | mysqli?_ | \bpostgres
    | OperationalError | ProgrammingError | DatabaseError
    | (?:syntax\ error|unterminated).{0,40}(?:near|at\ or\ near) | near\ "[^"]{0,200}+":\ syntax\ error
    | no\ such\ (?:table|column) | relation\ "[^"]{0,200}+"\ does\ not\ exist | unrecognized\ token
    | error\ in\ your\ SQL | fts5?: | invalid\ input\ syntax\ for)""",
    re.VERBOSE | re.DOTALL,
)
FILE_PATH = re.compile(
    rf"""(?<![\w/])/(?:{DIRECTORIES})/[\w.@-]{{1,255}}
    | (?<!\w)[A-Za-z]:\\[\w\\.-]{{1,255}} | file:// | node_modules/ | site-packages/""",
    re.VERBOSE,
)
INTERNAL_HOST = re.compile(
    rf"""(?<![\w-]){_LABEL}(?:\.{_LABEL}){{0,5}}\.(?:internal|local|lan|corp|svc|intranet|localdomain)\b
    | \bip-\d{{1,3}}-\d{{1,3}}-\d{{1,3}}-\d{{1,3}}\b | \blocalhost\b
    | \b(?:10|127)\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}\b | \b192\.168\.\d{{1,3}}\.\d{{1,3}}\b
    | \b172\.(?:1[6-9]|2\d|3[01])\.\d{{1,3}}\.\d{{1,3}}\b
    | (?<![\w-])(?=[a-z]){_LABEL}(?:\.{_LABEL}){{0,5}}:\d{{4,5}}\b""",
    re.VERBOSE | re.IGNORECASE,
)

SCANNED = 50_000
"""Characters of an error that are searched."""

MALFORMED = (("location_id", ""), ("limit", ""))
"""Parameters with which some request of a run should provoke an error."""


def discloses_none(
    transcript: Transcript,
    patterns: Sequence[re.Pattern[str]],
    expected: str,
    allowed: str = "",
) -> None:
    """Expect that no error has a text that matches one of the patterns.

    :param allowed: a text that a match may have in it, because the caller knows it.
    :raises Inconclusive: if there was no error.
    """
    errors = errors_of(transcript)
    if not errors:
        raise Inconclusive("no error was received")
    harmless: set[str] = set()  # most errors have the same text
    for exchange in errors:
        text = exchange.fact(server_text)
        if text in harmless:
            continue
        for match in (match for pattern in patterns for match in pattern.finditer(text)):
            if not allowed or allowed not in match.group():
                raise exchange.breach(
                    expected, f"{exchange.status} with {whole_words(match.group(), 60)!r}"
                )
        harmless.add(text)


def provoked(transcript: Transcript, what: str) -> None:
    """Require an error for a wrong key and one for a malformed parameter among the requests.

    :param what: what the errors could have shown.
    :raises Inconclusive: if one of them was not provoked.
    """
    requests = [item.request for item in covered(transcript)]
    malformed = any(query in request.query for request in requests for query in MALFORMED)
    if not malformed or not any(request.credential == "a key never issued" for request in requests):
        raise Inconclusive(f"too few requests provoked an error, so {what} could not appear")


def server_text(exchange: Exchange, text: str | None = None) -> str:
    """Return the text of a response without what the request had in it.

    :param text: a part of the text, instead of all of it.
    """
    if text is None:
        text = exchange.body.decode("utf-8", "replace")
        if exchange.json is not None:
            text = "\n".join(strings(exchange.json))
    sent = [value for _, value in exchange.request.query if isinstance(value, str)]
    sent.append(exchange.request.path.rsplit("/", 1)[1])
    # The path is that of the request, and a request id like req:10042 is no host with a port.
    sent.append(urlsplit(exchange.url).path.removesuffix(f"/{sent[-1]}"))
    sent.append(exchange.request_id or "")
    for value in sorted(sent, key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "…")
    return text[:SCANNED]


def strings(value: object) -> Iterator[str]:
    """Yield the strings of a JSON value, names of members included."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings(member)
    elif isinstance(value, str):
        yield value
