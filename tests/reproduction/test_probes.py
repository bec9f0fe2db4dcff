"""Each probe prints with curl and jq what it reads from an exchange."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from conformance.http.api import item_path
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.limits import Limits
from conformance.http.request import Request
from conformance.http.sender import Sender
from conformance.proof.paste import absent, paste
from conformance.reference.server import EmbeddedServer
from conformance.reproduction import bodies, probes, relations
from conformance.reproduction.probes import Probe
from conformance.target.target import Target

pytestmark = pytest.mark.skipif(bool(absent()), reason=f"not installed: {', '.join(absent())}")

UNKNOWN = "6e888fa2-4d26-4148-ae7c-61ca09c0a11f"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with EmbeddedServer() as server:
        yield Target(server.base_url, server.own_key, server.other_key, embedded=True)


@pytest.fixture(scope="module")
def answers(target: Target) -> dict[str, Exchange]:
    """Return a list, a profile and two errors."""
    with Client(Sender(target, Limits(max_requests=20))) as client:
        page = client.ask([Request(query=(("limit", "3"),))])[0]
        assert isinstance(page, Exchange)
        others = client.ask(
            [
                Request(path=item_path(page.ids[0])),
                Request(path=item_path(UNKNOWN)),
                Request(credential="no key"),
                Request("OPTIONS"),
            ]
        )
    names = ("page", "record", "unknown", "refused", "options")
    found = dict(zip(names, (page, *others), strict=True))
    return {name: item for name, item in found.items() if isinstance(item, Exchange)}


def every(page: Exchange) -> list[Probe]:
    first, *_ = page.ids
    return [
        probes.STATUS,
        probes.MEDIA_TYPE,
        probes.COMPLETE,
        probes.STRICT,
        probes.COUNT,
        probes.DISTINCT,
        probes.IDENTITY,
        probes.CODE,
        probes.LONG,
        probes.member("meta", "has_more"),
        probes.member("meta", "next_offset"),
        probes.member("data", 0, "is_active"),
        probes.type_of(),
        probes.type_of("data"),
        probes.types("data", "error"),
        probes.type_of("data", 1, "name"),
        probes.type_of("error", "code"),
        probes.has("data", 0, "bio"),
        probes.has("data", "zqx"),
        probes.has("error", "code"),
        probes.both("data", "meta.next_offset"),
        probes.matches("^[0-9a-f-]{36}$", "data", 0, "id"),
        probes.matches("^zqx", "data", "id"),
        probes.rises("data", 0),
        probes.listed(first),
        probes.listed(UNKNOWN),
        probes.times(first),
        probes.at(1),
        probes.text("error", "message"),
        probes.header("X-Request-Id"),
        probes.header("X-Zqx"),
        probes.header_with("Content-Type", "json"),
        bodies.anywhere("bio"),
        bodies.anywhere("zqx"),
        bodies.EMPTY,
        bodies.LENGTH,
        bodies.SAME_ID,
        bodies.MARKED,
        bodies.MALFORMED,
        bodies.occurrences('"id":'),
        bodies.occurrences('it\'s "zqx" $(id)'),
    ]


@pytest.mark.parametrize("name", ["page", "record", "unknown", "refused", "options"])
def test_a_probe_prints_what_it_reads(
    target: Target, answers: dict[str, Exchange], name: str
) -> None:
    exchange = answers[name]
    lines, wanted = [], []
    for probe in every(answers["page"]):
        value = probe.read(exchange)
        if value is not None:
            lines.append(_line(exchange, probe))
            wanted.append(value)
    assert len(wanted) > 8
    assert paste(lines, target).printed == tuple(wanted)


def _line(exchange: Exchange, probe: Probe) -> str:
    return f"{exchange.command(probe.options)} {probe.pipe}"


def test_pages_are_joined(target: Target, answers: dict[str, Exchange]) -> None:
    page = answers["page"]
    command = page.command()
    found = [
        f"{{ {command}; {command}; }} {probe.pipe}"
        for probe in (
            relations.JOINED,
            relations.ENDED,
            relations.joined_times(page.ids[0]),
            relations.joined_listed(UNKNOWN),
        )
    ]
    assert paste(found, target).printed == ("6", "[6,true]", "2", "false")


def test_a_body_that_jq_cannot_read_has_no_member() -> None:
    broken = Exchange(1, Request(), "http://t/", 200, (), b'"text"', 0.0)
    assert probes.member("meta", "limit").read(broken) is None
    assert probes.type_of("data").read(broken) is None
    assert probes.type_of().read(broken) == "string"
    assert probes.COUNT.read(broken) is None
    cut = Exchange(1, Request(), "http://t/", 200, (), b'{"data":', 0.0)
    assert probes.STRICT.read(cut) == "not JSON"
    assert probes.has("data").read(cut) is None
    large = Exchange(
        1, Request(), "http://t/", 200, (), b'{"meta":{"limit":1e400,"x":9007199254740993}}', 0.0
    )
    assert probes.member("meta", "limit").read(large) is None
    assert probes.member("meta", "x").read(large) is None


@pytest.mark.parametrize(
    ("body", "marked", "malformed"),
    [
        (b"\xef\xbb\xbf{}", "1", "0"),
        (b'{"name": "Zo\xeb"}\n{}\n', "0", "1"),
        (b"\xff\n\xef\xbb\xbf\n\xc3", "1", "2"),
        ("{'name': 'Zo\u00eb'}\n".encode(), "0", "0"),
    ],
)
def test_bytes_that_jq_lets_pass_are_counted(body: bytes, marked: str, malformed: str) -> None:
    """By commands that read the body as the probes do: jq drops a mark, and replaces what is no UTF-8."""
    exchange = Exchange(1, Request(), "http://t/", 200, (), body, 0.0)
    for probe, wanted in ((bodies.MARKED, marked), (bodies.MALFORMED, malformed)):
        assert probe.read(exchange) == wanted
        script = f"cat {probe.pipe}"
        ended = subprocess.run(
            ["bash", "-c", script], input=body, capture_output=True, check=False, timeout=10
        )
        assert ended.stdout.decode().strip() == wanted
