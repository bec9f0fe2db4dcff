"""Harness faults: servers at which no judgement is to be had, or only one, and how a run then ends.

A suite that goes green at a dead port, or takes a login page for an API that breaks the contract,
is wrong whatever else it finds. These servers speak on plain sockets of the loopback: most of them
do what no framework lets one do.
"""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from conformance.contract.verdict import ExitStatus
from conformance.faults.unjudgeable.stub import OTHER_KEY, OWN_KEY, Stub, message, response
from conformance.reference.server import EmbeddedServer
from conformance.target.target import Target


@dataclass(frozen=True)
class Harness:
    """A server that breaks the harness.

    ``serve`` runs it for the time of a ``with`` block and gives the target to judge; ``exit_status``
    is how a run on it has to end.
    """

    name: str
    text: str
    exit_status: ExitStatus
    serve: Callable[[], AbstractContextManager[Target]]


HARNESS: list[Harness] = []

Serve = Callable[[], Iterator[Target]]


def harness(text: str, exit_status: ExitStatus) -> Callable[[Serve], Serve]:
    """Enter a generator function, which yields one target, among the harness faults."""

    def enter(serve: Serve) -> Serve:
        name = serve.__name__.replace("_", "-")
        HARNESS.append(Harness(name, text, exit_status, contextmanager(serve)))
        return serve

    return enter


_numbers = itertools.count(1)


def _error(code: str, text: str) -> str:
    meta = {"request_id": f"req_{next(_numbers)}"}
    return json.dumps({"data": None, "meta": meta, "error": {"code": code, "message": text}})


def _refusing(status: str, code: str, *lines: str) -> Stub:
    def respond(method: str) -> bytes:
        body = _error(code, "There is nothing to be had here.")
        return message(status, body, "application/json", *lines, bodiless=method == "HEAD")

    return Stub(respond)


@harness("Nothing listens on the port.", ExitStatus.UNTESTABLE)
def dead_port() -> Iterator[Target]:
    """A port that is held, so that nobody else opens it, and is not listened on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        yield Target(f"http://127.0.0.1:{port}/api-v1", OWN_KEY, OTHER_KEY)


@harness("Every request is answered 401.", ExitStatus.UNTESTABLE)
def key_refused() -> Iterator[Target]:
    """A key that was revoked, or belongs to another environment."""
    with _refusing("401 Unauthorized", "UNAUTHORIZED", "WWW-Authenticate: Bearer") as target:
        yield target


@harness("Every request is answered 403.", ExitStatus.UNTESTABLE)
def scope_missing() -> Iterator[Target]:
    """A key that was made for something else."""
    with _refusing("403 Forbidden", "FORBIDDEN") as target:
        yield target


@harness("Every request is answered 404.", ExitStatus.UNTESTABLE)
def wrong_path() -> Iterator[Target]:
    """A base URL that ends too early."""
    with _refusing("404 Not Found", "NOT_FOUND") as target:
        yield target


@harness("Every request is answered 429.", ExitStatus.UNTESTABLE)
def quota_used_up() -> Iterator[Target]:
    """A key whose hour others have spent."""
    with _refusing("429 Too Many Requests", "RATE_LIMITED", "Retry-After: 1200") as target:
        yield target


@harness("Every request is answered 500.", ExitStatus.NON_CONFORMANT)
def server_error() -> Iterator[Target]:
    """A server that is there, and broken: that is a finding."""
    with _refusing("500 Internal Server Error", "INTERNAL_ERROR") as target:
        yield target


@harness("Every request is answered 503 by a gateway.", ExitStatus.UNTESTABLE)
def gateway_down() -> Iterator[Target]:
    """A gateway with nothing behind it says nothing of the server."""
    with response("503 Service Unavailable", "<h1>503</h1>", "text/html") as target:
        yield target


@harness("Every request is answered 200 with a page for people to log in.", ExitStatus.UNTESTABLE)
def login_page() -> Iterator[Target]:
    """A web application in front of the API."""
    page = "<!doctype html><title>Log in</title><form method=post><input name=user></form>"
    with response("200 OK", page, "text/html; charset=utf-8") as target:
        yield target


@harness("Every request is redirected to a page to log in.", ExitStatus.UNTESTABLE)
def redirect_to_login() -> Iterator[Target]:
    """The same, one step before."""
    with response("302 Found", "", "text/html", "Location: /login?next=%2Fapi-v1") as target:
        yield target


@harness("Every request is redirected to itself, for ever.", ExitStatus.UNTESTABLE)
def endless_redirect() -> Iterator[Target]:
    """A client that follows never comes back."""
    with response(
        "301 Moved Permanently", "", "text/html", "Location: /api-v1/clinician-profiles"
    ) as target:
        yield target


@harness("Requests are taken and never answered.", ExitStatus.UNTESTABLE)
def hang() -> Iterator[Target]:
    """A server whose workers are all stuck."""
    with Stub(lambda _: None) as target:
        yield target


@harness("The connection is cut in the middle of each body.", ExitStatus.UNTESTABLE)
def cut_mid_body() -> Iterator[Target]:
    """A proxy that loses its server while it answers."""
    body = json.dumps({"data": [], "meta": {"request_id": "req_1", "limit": 20}})
    with Stub(lambda _: message("200 OK", body, "application/json", cut=20)) as target:
        yield target


@harness("The connection is cut before a byte is sent.", ExitStatus.UNTESTABLE)
def cut_at_once() -> Iterator[Target]:
    """A load balancer without a healthy server."""
    with Stub(lambda _: b"") as target:
        yield target


@harness("Every request is answered by something that is no HTTP.", ExitStatus.UNTESTABLE)
def other_protocol() -> Iterator[Target]:
    """The port of a mail server."""
    with Stub(lambda _: b"220 mail.example.org ESMTP ready\r\n") as target:
        yield target


@harness("Every request is answered 200 without a body.", ExitStatus.UNTESTABLE)
def empty_body() -> Iterator[Target]:
    """A health check that was taken for the API."""
    with response("200 OK", "") as target:
        yield target


@harness("Every request is answered 200 with the JSON of another API.", ExitStatus.UNTESTABLE)
def other_json() -> Iterator[Target]:
    """A base URL that belongs to somebody else."""
    with response("200 OK", '{"status": "ok", "version": "4.2.0"}') as target:
        yield target


@harness("The organisation has no clinicians.", ExitStatus.INCOMPLETE)
def empty_database() -> Iterator[Target]:
    """A correct server of which hardly anything can be seen."""
    with EmbeddedServer(clinicians=0) as server:
        yield Target(server.base_url, server.own_key, server.other_key)


@harness("The base URL says https, the port speaks plain HTTP.", ExitStatus.UNTESTABLE)
def tls_on_a_plain_port() -> Iterator[Target]:
    """A scheme that was mistyped."""
    with EmbeddedServer() as server:
        base_url = server.base_url.replace("http:", "https:")
        yield Target(base_url, server.own_key, server.other_key)
