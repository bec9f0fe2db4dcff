"""The record of a run as a HAR file: what every viewer reads, and beside it what a replay needs.

HAR 1.2 lets anybody add members whose names begin with an underscore; ours is ``_conformance``. The file
is sealed with a digest over all of it, so that one that was cut or edited is told from one that was not.
No key is in it: answers come without them, and what a request proved itself with is named.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import responses
from pathlib import Path
from typing import Any, Protocol

import harfile

from conformance.errors import (
    BudgetExhausted,
    RateLimited,
    TranscriptError,
    TransportFailure,
    WriteLeftOut,
)
from conformance.http.client import Client, ExchangeOrError, Incident, Trace
from conformance.http.exchange import Exchange
from conformance.http.request import Query, Request, Turn
from conformance.recording.seal import FORMAT, OURS, load, save
from conformance.target.credentials import CREDENTIALS
from conformance.target.secrets import Redactor
from conformance.target.target import Target

NAME = "transcript.har"
_PROTOCOL = "HTTP/1.1"
_FAILURES = {
    kind.__name__: kind for kind in (BudgetExhausted, RateLimited, TransportFailure, WriteLeftOut)
}


@dataclass(frozen=True)
class Recorded:
    """One request of a file, and what came of it: None where the run ended before anything did.

    ``incidents`` are those of the request by their places among all, ``granted`` as a trace has it.
    """

    epoch: int
    request: Request
    answer: ExchangeOrError | None
    attempts: int
    incidents: tuple[tuple[int, Incident], ...]
    granted: Mapping[str, int]


@dataclass(frozen=True)
class Recording:
    """A file that was read: what is said of the run, and its entries in their order."""

    run: Mapping[str, Any]
    entries: tuple[Recorded, ...]


class Change(Protocol):
    """What may be made of requests, answers and texts before they are written."""

    def request(self, request: Request) -> Request:
        """The request to write."""

    def answer(self, answer: ExchangeOrError | None, request: Request) -> ExchangeOrError | None:
        """The answer to write, to the request as it was sent."""

    def text(self, text: str) -> str:
        """The text to write."""


class AsTheyAre:
    """Changes nothing."""

    def request(self, request: Request) -> Request:
        """The same."""
        return request

    def answer(self, answer: ExchangeOrError | None, request: Request) -> ExchangeOrError | None:  # noqa: ARG002
        """The same."""
        return answer

    def text(self, text: str) -> str:
        """The same."""
        return text


def write(client: Client, path: Path, run: Mapping[str, Any], change: Change | None = None) -> None:
    """Write all that a client has asked; an OSError propagates.

    :param run: what else there is to say of the run, for a replay to know.
    :param change: what to make of it, so that nobody's data are in the file.
    """
    entries = _entries(client, run["started_at"], change or AsTheyAre())
    save({"run": dict(run), "entries": entries}, path)


def read(path: Path) -> Recording:
    """What a file holds.

    :raises TranscriptError: where it is no whole and unaltered transcript of this suite.
    """
    content = load(path)
    try:
        run = content["run"]
        way = tuple(run["network"]["curl"])
        return Recording(run, tuple(_recorded(entry, way) for entry in content["entries"]))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise TranscriptError(f"an entry is not as format {FORMAT} has it: {problem!r}") from None


def _entries(client: Client, started_at: str, change: Change) -> Iterator[dict[str, Any]]:
    redactor = Redactor(client.target)
    answers: dict[tuple[int, Request], ExchangeOrError | None] = dict(client.answers)
    # What was under way when the run was interrupted has used the quota, but was not answered.
    answers |= {key: None for key in client.traces if key not in answers}
    for (epoch, request), answer in answers.items():
        trace = client.traces.get((epoch, request), Trace(started_at))
        incidents = [
            [place, item.kind, redactor.text(change.text(item.text)), item.counts]
            for place, item in ((place, client.incidents[place]) for place in trace.incidents)
        ]
        shown = change.answer(answer, request)
        entry = _entry(client.target, redactor, epoch, change.request(request), shown, trace)
        entry[OURS]["incidents"] = incidents
        yield entry


def _entry(
    target: Target,
    redactor: Redactor,
    epoch: int,
    request: Request,
    answer: ExchangeOrError | None,
    trace: Trace,
) -> dict[str, Any]:
    exchange = answer if isinstance(answer, Exchange) else None
    failure = None
    if isinstance(answer, Exception):
        failure = {"kind": type(answer).__name__, "text": redactor.text(str(answer))}
    elapsed = exchange.elapsed * 1000 if exchange else 0
    entry: dict[str, Any] = {
        "startedDateTime": exchange.started_at if exchange else trace.started_at,
        "time": elapsed,
        "request": _request(request, target, exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": harfile.Timings(send=0, wait=elapsed, receive=0).asdict(),
        OURS: {
            "number": exchange.number if exchange else None,
            "epoch": epoch,
            "path": request.path,
            "query": [
                [name, {"base64": b64encode(value).decode()} if isinstance(value, bytes) else value]
                for name, value in request.query
            ],
            "credential": request.credential,
            "headers": request.headers,
            "repeat": request.repeat,
            "in_turn": request.in_turn,
            "at": exchange.at if exchange else None,
            "elapsed": exchange.elapsed if exchange else None,
            "attempts": trace.attempts,
            "granted": trace.granted,
            "cut": exchange.cut if exchange else False,
            "failure": failure,
        },
    }
    if exchange is None:
        entry["response"]["_error"] = failure["text"] if failure else "the run was interrupted"
    return entry


def _request(request: Request, target: Target, exchange: Exchange | None) -> dict[str, Any]:
    headers = [*request.headers, *target.network.shown_headers]
    if not any(name.lower() == "accept" for name, _ in headers):
        headers.insert(0, ("Accept", "application/json"))
    shell = CREDENTIALS[request.credential].shell
    if shell is not None:
        headers.append(("Authorization", shell))
    shown = (
        (name, value.decode("latin-1") if isinstance(value, bytes) else value)
        for name, value in request.query
    )
    return harfile.Request(
        method=request.method,
        url=target.base_url + request.target,
        httpVersion=exchange.protocol if exchange else _PROTOCOL,
        headers=[harfile.Record(name, value) for name, value in headers],
        queryString=[harfile.Record(name, value) for name, value in shown],
        bodySize=0,
    ).asdict()


def _response(exchange: Exchange | None) -> dict[str, Any]:
    if exchange is None:
        none = harfile.Content(size=0, mimeType="x-unknown")
        return harfile.Response(status=0, statusText="", httpVersion="", content=none).asdict()
    try:
        text, encoding = exchange.body.decode("utf-8"), None
    except UnicodeDecodeError:
        text, encoding = b64encode(exchange.body).decode(), "base64"
    return harfile.Response(
        status=exchange.status,
        statusText=responses.get(exchange.status, ""),
        httpVersion=exchange.protocol,
        headers=[harfile.Record(name, value) for name, value in exchange.headers],
        content=harfile.Content(
            size=len(exchange.body),
            mimeType=exchange.header("content-type") or "x-unknown",
            text=text,
            encoding=encoding,
            comment="cut: the body was longer" if exchange.cut else None,
        ),
        redirectURL=exchange.header("location") or "",
        bodySize=-1 if exchange.cut else len(exchange.body),
    ).asdict()


def _recorded(entry: Mapping[str, Any], way: tuple[str, ...]) -> Recorded:
    ours, asked = entry[OURS], entry["request"]
    query: Query = tuple(
        (name, value if isinstance(value, str) else b64decode(value["base64"], validate=True))
        for name, value in ours["query"]
    )
    request = Request(
        method=asked["method"],
        path=ours["path"],
        query=query,
        credential=ours["credential"],
        headers=tuple((name, value) for name, value in ours["headers"]),
        repeat=ours["repeat"],
        in_turn=Turn(ours["in_turn"]),
    )
    incidents = tuple(
        (place, Incident(kind, text, counts=counts))
        for place, kind, text, counts in ours["incidents"]
    )
    answer = _answer(entry, request, way)
    return Recorded(
        ours["epoch"], request, answer, ours["attempts"], incidents, dict(ours["granted"])
    )


def _answer(
    entry: Mapping[str, Any], request: Request, way: tuple[str, ...]
) -> ExchangeOrError | None:
    ours, came = entry[OURS], entry["response"]
    if ours["failure"] is not None:
        return _FAILURES[ours["failure"]["kind"]](ours["failure"]["text"])
    if ours["number"] is None:
        return None
    content = came["content"]
    text = content.get("text", "")
    return Exchange(
        ours["number"],
        request,
        entry["request"]["url"],
        came["status"],
        tuple((item["name"], item["value"]) for item in came["headers"]),
        b64decode(text, validate=True) if content.get("encoding") == "base64" else text.encode(),
        ours["elapsed"],
        ours["at"],
        entry["startedDateTime"],
        ours["cut"],
        came["httpVersion"],
        way,
    )
