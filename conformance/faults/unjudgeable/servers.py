"""Servers that the suite cannot judge, or can judge only in part, and how a run on each must end.

A suite that passes on a dead port, or reports a login page as a breach of the contract, is wrong
whatever else it finds. Most of these servers use plain sockets on the loopback interface, because no web
framework allows what they do.
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

Serve = Callable[[], AbstractContextManager[Target]]


@dataclass(frozen=True)
class UnjudgeableServer:
    """A server that cannot be judged.

    ``serve`` returns a context manager that runs the server and yields the target to judge.
    ``exit_status`` is the status that a run on it must end with.
    """

    name: str
    text: str
    exit_status: ExitStatus
    serve: Serve


UNJUDGEABLE: list[UnjudgeableServer] = []


def unjudgeable(text: str, exit_status: ExitStatus) -> Callable[[Serve], Serve]:
    """Add a function that returns a server to ``UNJUDGEABLE``, under its own name in kebab case."""

    def add(serve: Serve) -> Serve:
        name = serve.__name__.replace("_", "-")
        UNJUDGEABLE.append(UnjudgeableServer(name, text, exit_status, serve))
        return serve

    return add


_numbers = itertools.count(1)


def _error(code: str, text: str) -> str:
    meta = {"request_id": f"req_{next(_numbers)}"}
    return json.dumps({"data": None, "meta": meta, "error": {"code": code, "message": text}})


def _refusing(status: str, code: str, *lines: str) -> Stub:
    def respond(method: str) -> bytes:
        body = _error(code, "The request is refused.")
        return message(status, body, "application/json", *lines, bodiless=method == "HEAD")

    return Stub(respond)


@unjudgeable("Nothing listens on the port.", ExitStatus.UNTESTABLE)
@contextmanager
def dead_port() -> Iterator[Target]:
    """A port that is reserved, so that no other process opens it, but does not listen."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        yield Target(f"http://127.0.0.1:{port}/api-v1", OWN_KEY, OTHER_KEY)


@unjudgeable("Every request returns 401.", ExitStatus.UNTESTABLE)
def key_refused() -> Stub:
    """A key that was revoked, or belongs to another environment."""
    return _refusing("401 Unauthorized", "UNAUTHORIZED", "WWW-Authenticate: Bearer")


@unjudgeable("Every request returns 403.", ExitStatus.UNTESTABLE)
def scope_missing() -> Stub:
    """A key that lacks the scope to read clinician profiles."""
    return _refusing("403 Forbidden", "FORBIDDEN")


@unjudgeable("Every request returns 404.", ExitStatus.UNTESTABLE)
def wrong_path() -> Stub:
    """A base URL that lacks its last path segment."""
    return _refusing("404 Not Found", "NOT_FOUND")


@unjudgeable("Every request returns 429.", ExitStatus.UNTESTABLE)
def quota_used_up() -> Stub:
    """A key whose hourly limit is used up."""
    return _refusing("429 Too Many Requests", "RATE_LIMITED", "Retry-After: 1200")


@unjudgeable("Every request returns 500.", ExitStatus.NON_CONFORMANT)
def server_error() -> Stub:
    """A server that runs and fails. This is a finding."""
    return _refusing("500 Internal Server Error", "INTERNAL_ERROR")


@unjudgeable("Every request returns 503 from a gateway.", ExitStatus.UNTESTABLE)
def gateway_down() -> Stub:
    """A gateway without a server says nothing about the server."""
    return response("503 Service Unavailable", "<h1>503</h1>", "text/html")


@unjudgeable("Every request returns 200 with an HTML login page.", ExitStatus.UNTESTABLE)
def login_page() -> Stub:
    """A web application in front of the API."""
    page = "<!doctype html><title>Log in</title><form method=post><input name=user></form>"
    return response("200 OK", page, "text/html; charset=utf-8")


@unjudgeable("Every request is redirected to a login page.", ExitStatus.UNTESTABLE)
def redirect_to_login() -> Stub:
    """A web application that redirects to its login page."""
    return response("302 Found", "", "text/html", "Location: /login?next=%2Fapi-v1")


@unjudgeable("Every request is redirected to the same URL, without end.", ExitStatus.UNTESTABLE)
def endless_redirect() -> Stub:
    """A redirect loop: a client that follows redirects never gets a response."""
    location = "Location: /api-v1/clinician-profiles"
    return response("301 Moved Permanently", "", "text/html", location)


@unjudgeable("The server accepts requests and never responds.", ExitStatus.UNTESTABLE)
def hang() -> Stub:
    """A server whose workers are all stuck."""
    return Stub(lambda _: None)


@unjudgeable("The connection closes in the middle of each body.", ExitStatus.UNTESTABLE)
def cut_mid_body() -> Stub:
    """A proxy that loses the server during a response."""
    body = json.dumps({"data": [], "meta": {"request_id": "req_1", "limit": 20}})
    # Each time at another byte, as a network does: always the same one would be the server's fault.
    return Stub(lambda _: message("200 OK", body, "application/json", cut=20 + next(_numbers) % 20))


@unjudgeable("The connection closes before the server sends a byte.", ExitStatus.UNTESTABLE)
def cut_at_once() -> Stub:
    """A load balancer without a healthy server."""
    return Stub(lambda _: b"")


@unjudgeable("Every response uses a protocol other than HTTP.", ExitStatus.UNTESTABLE)
def other_protocol() -> Stub:
    """The port of a mail server."""
    return Stub(lambda _: b"220 mail.example.org ESMTP ready\r\n")


@unjudgeable("Every request returns 200 without a body.", ExitStatus.UNTESTABLE)
def empty_body() -> Stub:
    """The URL of a health check instead of the API."""
    return response("200 OK", "")


@unjudgeable("Every request returns 200 with the JSON of another API.", ExitStatus.UNTESTABLE)
def other_json() -> Stub:
    """A base URL that belongs to another service."""
    return response("200 OK", '{"status": "ok", "version": "4.2.0"}')


@unjudgeable("The organisation has no clinicians.", ExitStatus.INCOMPLETE)
@contextmanager
def empty_database() -> Iterator[Target]:
    """A correct server whose data leave most requirements open."""
    with EmbeddedServer(clinicians=0) as server:
        yield Target(server.base_url, server.own_key, server.other_key)


@unjudgeable("The base URL says https, but the port serves plain HTTP.", ExitStatus.UNTESTABLE)
@contextmanager
def tls_on_a_plain_port() -> Iterator[Target]:
    """A base URL with the wrong scheme."""
    with EmbeddedServer() as server:
        base_url = server.base_url.replace("http:", "https:")
        yield Target(base_url, server.own_key, server.other_key)
