"""Debug pages and secrets in any response, whatever was requested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.suite.disclosure import SCANNED, STACK_TRACE, server_text, strings
from conformance.suite.universal import errors_of
from conformance.target.credentials import OTHER, OWN
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from conformance.text.wording import whole_words

# Every quantifier is bounded, as in conformance.suite.disclosure.
DEBUG_PAGE = re.compile(
    r"""\bDEBUG\s?=\s?True\b | Werkzeug\ Debugger | Using\ the\ URLconf\ defined\ in
    | \bDjango\ Version: | You're\ seeing\ this\ error\ because | \bRails\.root:
    | Action\ Controller:\ Exception\ caught | <h1>\s?Routing\ Error | Better\ Errors
    | Symfony\ (?:Web\ )?(?:Debug|Profiler) | \bsf-(?:dump|toolbar)\b | laravel-ignition | facade/ignition
    | Whoops,\ looks\ like\ something\ went\ wrong | Whoops\\(?:Exception|Handler)
    | <b>(?:Fatal\ error|Parse\ error|Warning|Notice|Deprecated)</b>: | \bPHP\ (?:Fatal|Parse)\ error
    | Uncaught\ [\w\\]{0,80}(?:Exception|Error)\b | xdebug-(?:error|var-dump) | phpinfo\(\)
    | Server\ Error\ in\ '[^']{0,80}'\ Application | Microsoft\ \.NET\ Framework\ Version
    | Developer\ Exception\ Page | \bAn\ unhandled\ exception\ occurred\ while\ processing
    | <title>\s?Sinatra | Sinatra\ doesn.{1,6}t\ know\ this\ ditty | use\ Rack::ShowExceptions
    | \bnest-debug\b | Phoenix\.Router\.NoRouteError | Plug\.Debugger""",
    re.VERBOSE | re.IGNORECASE,
)
"""Texts of pages that frameworks show while they are in development mode."""

DEBUG_HEADER = re.compile(r"x-debug-(?:exception|token|error|trace|sql|query)(?:-\w{1,20})?")
"""Names of headers that only a development mode sends."""

STATEMENT = re.compile(
    r"""\bSELECT\b.{1,200}\bFROM\b | \bINSERT\s{1,20}INTO\b | \bUPDATE\b.{1,80}\bSET\b
    | \bDELETE\s{1,20}FROM\b | \bselect\b[^.]{1,80}\bfrom\b[^.]{1,80}\bwhere\b""",
    re.VERBOSE | re.DOTALL,
)
"""Statements in SQL. The name of a database, which an error must not show, is lawful in other responses."""

_INSIDE = "no debug page, no stack trace and no SQL"

_PLAIN = re.compile(r"(?:[a-z]{1,9}_)?[\dA-Fa-f.:-]*")
"""Numbers, and ids in hexadecimal digits: each pattern for the inside of a server has other words."""

SECRET = re.compile(
    r"""\b[a-z][a-z0-9+]{1,20}://[^\s/:@"'<>]{1,64}:[^\s/@"'<>$*]{1,128}@[\w\[.-]
    | -----BEGIN\ (?:[A-Z]{1,12}\ ){0,3}PRIVATE\ KEY-----
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
    | \beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}
    | \b[sr]k_live_[0-9A-Za-z]{16,128}\b | \bgh[pousr]_[0-9A-Za-z]{36,255}\b
    | \bsb_secret_[\w-]{16,128}""",
    re.VERBOSE,
)
"""Secrets by their form: a URL with a password, private keys, keys of clouds, signed tokens."""

_COOKIES = ("set-cookie", "x-csrf-token", "x-xsrf-token")
"""Headers that may have a signed token for the client that receives it."""

_KEY = {OWN: f"${KEY_VARIABLE}", OTHER: f"${OTHER_KEY_VARIABLE}"}
"""Identity → what stands in place of its key in all that was received."""


def shows_nothing_of_the_inside(transcript: Transcript) -> None:
    """Expect that no response has a debug page, a stack trace or SQL.

    The bodies of errors of the two operations are judged by ERR-01 and ERR-02, but for debug pages.

    :raises Inconclusive: if there was no response.
    """
    errors = errors_of(transcript)
    judged = {item.number for item in errors}
    # What an error of the two operations has too is a finding of ERR-01 or ERR-02.
    texts = [item.fact(server_text) for item in errors]
    new = [
        pattern
        for pattern in (STACK_TRACE, STATEMENT)
        if not any(pattern.search(text) for text in texts)
    ]
    in_errors, in_others = _Absent(_INSIDE, DEBUG_PAGE), _Absent(_INSIDE, DEBUG_PAGE, *new)
    in_headers = _Absent(_INSIDE, DEBUG_PAGE, STACK_TRACE, STATEMENT)
    for exchange in _all(transcript):
        in_body = in_errors if exchange.number in judged else in_others
        in_body.require(exchange, [exchange.fact(beside_data)])
        values = [value for name, value in exchange.headers if not _is_policy(name)]
        in_headers.require(exchange, [value for value in values if not _PLAIN.fullmatch(value)])
        for name, _ in exchange.headers:
            if DEBUG_HEADER.fullmatch(name):
                raise exchange.breach("no header of a development mode", f"the header {name}")


def shows_no_secret(transcript: Transcript) -> None:
    """Expect that no response has the key of the request, or a text that has the form of a secret.

    TRACE is judged by RO-10.

    :raises Inconclusive: if there was no response.
    """
    secret = _Absent("no secret", SECRET, shown=False)
    for exchange in _all(transcript):
        headers = [value for name, value in exchange.headers if name not in _COOKIES]
        texts = [*headers, exchange.fact(beside_data)]
        secret.require(exchange, texts)
        key = _KEY.get(exchange.request.credential)
        if key and exchange.request.method != "TRACE" and any(key in text for text in texts):
            raise exchange.breach(
                "no API key in a response", f"{exchange.status} with the key of the request"
            )


def beside_data(exchange: Exchange) -> str:
    """Return the text of a body without what the request had in it, and without ``data`` if it is JSON."""
    body = exchange.json
    if body is None:
        return server_text(exchange)
    if not isinstance(body, dict):
        return ""
    rest = {name: value for name, value in body.items() if name != "data"}
    return server_text(exchange, "\n".join(strings(rest)))[:SCANNED]


def _all(transcript: Iterable[Exchange]) -> Iterator[Exchange]:
    exchanges = [item for item in transcript if item.excess is None]
    if not exchanges:
        raise Inconclusive("no response was received")
    yield from exchanges


def _is_policy(name: str) -> bool:
    """Return whether a header has rules for browsers, whose texts may look like code."""
    return "policy" in name or name in ("link", "nel", "report-to", "server-timing")


class _Absent:
    """Patterns that no text may match.

    Each text is searched once: most responses have the same headers and the same messages.
    """

    def __init__(self, expected: str, *patterns: re.Pattern[str], shown: bool = True) -> None:
        self._expected = expected
        self._patterns = patterns
        self._shown = shown
        self._harmless: set[str] = set()

    def require(self, exchange: Exchange, texts: Iterable[str]) -> None:
        """Expect that no text of an exchange matches a pattern."""
        for text in texts:
            if text in self._harmless:
                continue
            for pattern in self._patterns:
                if found := pattern.search(text):
                    match = repr(whole_words(found.group(), 60))
                    part = match if self._shown else "a text of its form"
                    raise exchange.breach(self._expected, f"{exchange.status} with {part}")
            self._harmless.add(text)
