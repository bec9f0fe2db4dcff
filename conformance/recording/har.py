"""The transcript of a run as a HAR file, which any HAR viewer opens, with what a replay needs.

HAR 1.2 allows further members whose names begin with an underscore; ours is ``_conformance``. A digest
seals the file, so that a file that was cut or edited is detected. It holds no key: responses are redacted,
and each request has the name of its credential.
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
from conformance.target.credential import QUERY
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
    """One request of a transcript with its answer, None if the run ended before there was one.

    ``incidents`` are those of the request, each with its index among all; ``granted`` is as in a trace.
    """

    epoch: int
    request: Request
    answer: ExchangeOrError | None
    attempts: int
    incidents: tuple[tuple[int, Incident], ...]
    granted: Mapping[str, int]


@dataclass(frozen=True)
class Recording:
    """A transcript: facts of the run, and the entries in order."""

    run: Mapping[str, Any]
    entries: tuple[Recorded, ...]


class Change(Protocol):
    """Changes requests, answers and texts before they are written."""

    def request(self, request: Request) -> Request:
        """Return the request to write."""

    def answer(self, answer: ExchangeOrError | None, request: Request) -> ExchangeOrError | None:
        """Return the answer to write.

        :param request: the request as it was sent.
        """

    def sentence(self, text: str) -> str:
        """Return the text to write, which the suite wrote."""


class NoChange:
    """Changes nothing."""

    def request(self, request: Request) -> Request:
        """Return the request."""
        return request

    def answer(self, answer: ExchangeOrError | None, request: Request) -> ExchangeOrError | None:  # noqa: ARG002
        """Return the answer."""
        return answer

    def sentence(self, text: str) -> str:
        """Return the text."""
        return text


def write(client: Client, path: Path, run: Mapping[str, Any], change: Change | None = None) -> None:
    """Write everything that a client has asked.

    :param run: facts of the run that a replay needs.
    :param change: keeps personal data out of the file.
    :raises OSError: if the file cannot be written.
    """
    entries = _entries(client, run["started_at"], change or NoChange())
    save({"run": dict(run), "entries": entries}, path)


def file_of(path: Path) -> Path:
    """Return the file of a transcript that a user names by itself or by the directory of its report."""
    return path / NAME if path.is_dir() else path


def read(path: Path) -> Recording:
    """Read a transcript.

    :raises TranscriptError: if the file is not a complete and unaltered transcript of this suite.
    """
    content = load(path)
    try:
        run = content["run"]
        options = tuple(run["network"]["curl"])
        return Recording(run, tuple(_recorded(entry, options) for entry in content["entries"]))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise TranscriptError(f"an entry breaks format {FORMAT}: {problem!r}") from None


def _entries(client: Client, started_at: str, change: Change) -> Iterator[dict[str, Any]]:
    redactor = Redactor(client.target)
    answers: dict[tuple[int, Request], ExchangeOrError | None] = dict(client.answers)
    # Requests that were pending when the run was interrupted have used the quota, but have no answer.
    answers |= {key: None for key in client.traces if key not in answers}
    for (epoch, request), answer in answers.items():
        trace = client.traces.get((epoch, request), Trace(started_at))
        incidents = [
            [index, item.kind, redactor.text(change.sentence(item.text)), item.counts]
            for index, item in ((index, client.incidents[index]) for index in trace.incidents)
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
            "content": request.content,
            "at": exchange.at if exchange else None,
            "elapsed": exchange.elapsed if exchange else None,
            "attempts": trace.attempts,
            "granted": trace.granted,
            "cut": exchange.cut if exchange else False,
            "broken": exchange.broken if exchange else "",
            "surplus": exchange.surplus if exchange else 0,
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
    credential = CREDENTIALS[request.credential]
    headers += credential.shown_headers()
    shown = [
        (name, value.decode("latin-1") if isinstance(value, bytes) else value)
        for name, value in request.query
    ]
    shown += [(part.name, part.shell) for part in credential.parts if part.place == QUERY]
    content = request.content
    return harfile.Request(
        method=request.method,
        url=target.base_url + request.shown_target,
        httpVersion=exchange.protocol if exchange else _PROTOCOL,
        headers=[harfile.Record(name, value) for name, value in headers],
        queryString=[harfile.Record(name, value) for name, value in shown],
        postData=harfile.PostData(mimeType="application/json", text=content) if content else None,
        bodySize=len(content.encode()),
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


def _recorded(entry: Mapping[str, Any], curl_options: tuple[str, ...]) -> Recorded:
    ours, sent = entry[OURS], entry["request"]
    query: Query = tuple(
        (name, value if isinstance(value, str) else b64decode(value["base64"], validate=True))
        for name, value in ours["query"]
    )
    request = Request(
        method=sent["method"],
        path=ours["path"],
        query=query,
        credential=ours["credential"],
        headers=tuple((name, value) for name, value in ours["headers"]),
        repeat=ours["repeat"],
        in_turn=Turn(ours["in_turn"]),
        content=ours.get("content", ""),  # not in older transcripts
    )
    incidents = tuple(
        (index, Incident(kind, text, counts=counts))
        for index, kind, text, counts in ours["incidents"]
    )
    answer = _answer(entry, request, curl_options)
    return Recorded(
        ours["epoch"], request, answer, ours["attempts"], incidents, dict(ours["granted"])
    )


def _answer(
    entry: Mapping[str, Any], request: Request, curl_options: tuple[str, ...]
) -> ExchangeOrError | None:
    ours, received = entry[OURS], entry["response"]
    if ours["failure"] is not None:
        return _FAILURES[ours["failure"]["kind"]](ours["failure"]["text"])
    if ours["number"] is None:
        return None
    content = received["content"]
    text = content.get("text", "")
    return Exchange(
        ours["number"],
        request,
        entry["request"]["url"],
        received["status"],
        tuple((item["name"], item["value"]) for item in received["headers"]),
        b64decode(text, validate=True) if content.get("encoding") == "base64" else text.encode(),
        ours["elapsed"],
        ours["at"],
        entry["startedDateTime"],
        ours["cut"],
        ours.get("broken", ""),  # not in older transcripts
        ours.get("surplus", 0),
        received["httpVersion"],
        curl_options,
    )
