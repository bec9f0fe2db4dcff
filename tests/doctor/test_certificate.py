"""The doctor checks the certificates of servers that speak TLS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from conformance.doctor.certificate import read
from tests.support.other_stack import BASE, OTHER_KEY, OWN_KEY, Data, Handler
from tests.support.servers import Run


class Pair(NamedTuple):
    """A certificate with its key in one file, and its authority in another."""

    certificate: Path
    authority: Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


def made(folder: Path, subject: str, address: str, days: int) -> Pair:
    """Make a certificate that expires in a number of days."""
    authority = trustme.CA(organization_name="The Clinics")
    certificate = authority.issue_cert(
        address,
        common_name=subject,
        not_before=datetime.now(UTC) - timedelta(days=30),
        not_after=datetime.now(UTC) + timedelta(days=days, hours=1),
    )
    pair = Pair(folder / f"{subject}.pem", folder / f"{subject}.authority.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(pair.certificate))
    authority.cert_pem.write_to_path(str(pair.authority))
    return pair


@contextmanager
def secure(pair: Pair) -> Iterator[str]:
    """Serve the other stack over TLS; the value is its base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate)
    bound = type("Bound", (Handler,), {"data": Data(150, 40), "faults": frozenset()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that disconnects
    # The handshake belongs in the thread of the connection, not in the accepting thread.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def examined(run: Run, url: str, **variables: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status and the encryption check."""
    ended = run(
        *("doctor", "--json", "--base-url", url),
        CONFORMANCE_API_KEY=OWN_KEY,
        CONFORMANCE_OTHER_API_KEY=OTHER_KEY,
        **variables,
    )
    assert ended.err == ""
    checks = {check["name"]: check for check in json.loads(ended.out)["checks"]}
    return ended.status, checks["encryption"]


def test_a_certificate_of_an_unknown_authority_is_a_problem(run_here: Run, folder: Path) -> None:
    with secure(made(folder, "clinics.test", "127.0.0.1", 90)) as url:
        status, check = examined(run_here, url)
    assert (status, check["state"]) == (4, "problem")
    assert "unable to get local issuer certificate" in check["text"]
    assert "for clinics.test, issued by The Clinics, valid until 20" in check["text"]
    assert "--ca-bundle" in check["advice"]


@pytest.mark.broad
def test_a_certificate_whose_authority_is_named_is_accepted(run_here: Run, folder: Path) -> None:
    pair = made(folder, "trusted.test", "127.0.0.1", 90)
    with secure(pair) as url:
        status, check = examined(run_here, url, CONFORMANCE_CA_BUNDLE=str(pair.authority))
    assert (status, check["state"]) == (0, "ok")
    assert check["text"].startswith(
        "TLS 1.3; for trusted.test, issued by The Clinics, valid until 20"
    )


def test_a_certificate_that_expires_soon_is_a_warning(run_here: Run, folder: Path) -> None:
    pair = made(folder, "soon.test", "127.0.0.1", 5)
    with secure(pair) as url:
        status, check = examined(run_here, url, CONFORMANCE_CA_BUNDLE=str(pair.authority))
    assert (status, check["state"]) == (0, "warning")
    assert check["text"].endswith("it expires in 5 days")
    assert check["advice"] == "renew the certificate"


def test_an_expired_certificate_is_a_problem(run_here: Run, folder: Path) -> None:
    pair = made(folder, "old.test", "127.0.0.1", -2)
    with secure(pair) as url:
        status, check = examined(run_here, url, CONFORMANCE_CA_BUNDLE=str(pair.authority))
    assert (status, check["state"]) == (4, "problem")
    assert "has expired" in check["text"]
    assert (
        f"valid until {datetime.now(UTC) - timedelta(days=2) + timedelta(hours=1):%Y-%m-%d}"
        in (check["text"])
    )
    assert check["advice"] == "renew the certificate"


def test_a_certificate_for_another_name_is_a_problem(run_here: Run, folder: Path) -> None:
    pair = made(folder, "elsewhere.test", "elsewhere.test", 90)
    with secure(pair) as url:
        status, check = examined(run_here, url, CONFORMANCE_CA_BUNDLE=str(pair.authority))
    assert (status, check["state"]) == (4, "problem")
    assert "for elsewhere.test" in check["text"]
    assert check["advice"] == "use the host name that the certificate is for"


@pytest.mark.broad
def test_an_unverified_certificate_is_a_warning(run_here: Run, folder: Path) -> None:
    with secure(made(folder, "believed.test", "elsewhere.test", 90)) as url:
        status, check = examined(run_here, url, CONFORMANCE_INSECURE="1")
    assert (status, check["state"]) == (0, "warning")
    assert "for believed.test" in check["text"]
    assert "not verified (--insecure)" in check["text"]


# Certificates, as DER


def value(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def name(**parts: str) -> bytes:
    kinds = {"common": "550403", "organisation": "55040a"}
    pairs = (
        value(0x30, value(6, bytes.fromhex(kinds[kind])), value(0x0C, text.encode()))
        for kind, text in parts.items()
    )
    return value(0x30, *(value(0x31, pair) for pair in pairs))


def certificate(subject: bytes, issuer: bytes, starts: bytes, ends: bytes) -> bytes:
    number, algorithm = value(2, b"\x01"), value(0x30, value(6, bytes.fromhex("2b6570")))
    version = value(0xA0, value(2, b"\x02"))
    validity = value(0x30, starts, ends)
    rest = value(4, b"\x00" * 200)  # the key and the extensions, which are not read
    signed = value(0x30, version, number, algorithm, issuer, validity, subject, rest)
    return value(0x30, signed, algorithm, value(3, b"\x00"))


def test_a_certificate_has_names_and_dates() -> None:
    der = certificate(
        name(organisation="Harbour Street", common="api.example.org"),
        name(organisation="An Authority"),
        value(0x17, b"991231235959Z"),
        value(0x18, b"20510102030405Z"),
    )
    found = read(der)
    assert (found.subject, found.issuer) == ("api.example.org", "An Authority")
    assert found.starts == datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert found.ends == datetime(2051, 1, 2, 3, 4, 5, tzinfo=UTC)
    nameless = certificate(
        name(), name(), value(0x17, b"250101000000Z"), value(0x17, b"260101000000Z")
    )
    assert read(nameless).subject == "no name"


@pytest.mark.parametrize("der", [b"", b"0", b"\x30\x05abc", b"\x30\x03\x02\x01\x01", b"\xff" * 40])
def test_bytes_that_are_not_a_certificate_are_refused(der: bytes) -> None:
    with pytest.raises(ValueError, match="not a certificate"):
        read(der)
