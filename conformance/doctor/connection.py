"""Checks the connection to the target before the first request: host name, port and encryption."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from conformance.doctor.certificate import Certificate, read
from conformance.doctor.checkup import Check, ok, problem, warning
from conformance.target.network import Network
from conformance.target.target import Target

_SOON = 14
_PATIENCE = 5.0
_WRONG_PROTOCOL = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


def check_connection(target: Target) -> Iterator[Check]:
    """Check each part of the connection; the first problem ends the check, because the rest depends on it."""
    parts = urlsplit(target.base_url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    proxy = None if target.embedded else _proxy(parts.scheme, host)
    if proxy is not None:
        # Whether this machine reaches the target directly then says nothing about a run.
        yield ok(
            "way",
            f"requests go through {proxy} (from the environment), so the target was not checked directly",
        )
        return
    found = _resolved(host, port)
    yield found
    if found.advice is not None:
        return
    found = _listening(host, port)
    yield found
    if found.advice is not None:
        return
    yield _encrypted(host, port, target.network) if secure else _plain(host)


def _proxy(scheme: str, host: str) -> str | None:
    """Return host and port of the proxy that requests go through, without its credentials."""
    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or proxy_bypass(host):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _resolved(host: str, port: int) -> Check:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as reason:
        why = (reason.strerror if isinstance(reason, OSError) else None) or "not a host name"
        return problem(
            "name",
            f"{host} cannot be resolved: {why}",
            "check the spelling of the base URL, or connect to the network (VPN) that knows the name",
        )
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    shown = ", ".join(addresses[:3]) + (" and more" if len(addresses) > 3 else "")
    return ok("name", host if addresses == [host] else f"{host} resolves to {shown}")


def _listening(host: str, port: int) -> Check:
    started = time.perf_counter()
    try:
        with socket.create_connection((host, port), timeout=_PATIENCE):
            pass
    except TimeoutError:
        return problem(
            "port",
            f"no connection to port {port} of {host} within {_PATIENCE:g} s",
            "a firewall may drop it: run from a network that can reach the target",
        )
    except OSError as reason:
        return problem(
            "port",
            f"no connection to port {port} of {host}: {reason.strerror or reason}",
            "start the server, or check the port in the base URL",
        )
    return ok(
        "port", f"{port} accepts connections, in {(time.perf_counter() - started) * 1000:.0f} ms"
    )


def _plain(host: str) -> Check:
    local = host == "localhost"
    with suppress(ValueError):
        local = ipaddress.ip_address(host).is_loopback
    if local:
        return ok("encryption", "none; not needed, because the target is on this machine")
    return warning(
        "encryption",
        "none: others on the network can read keys and data",
        "use a base URL that starts with https://",
    )


def _encrypted(host: str, port: int, network: Network) -> Check:
    try:
        context = network.context() or httpx.create_ssl_context()
        version, certificate = _handshake(host, port, context)
    except ssl.SSLCertVerificationError as reason:
        return _untrusted(host, port, reason.verify_message)
    except ssl.SSLError as reason:
        if reason.reason in _WRONG_PROTOCOL:
            return problem(
                "encryption",
                f"port {port} does not speak TLS",
                "use the port for https, or a base URL that starts with http://",
            )
        return problem(
            "encryption",
            f"TLS failed: {reason.reason or reason}",
            "enable TLS 1.2 or 1.3 with current ciphers on the target",
        )
    except (OSError, ValueError) as reason:
        return problem(
            "encryption",
            f"the connection broke during the TLS handshake: {reason}",
            "check that the port is the one for https",
        )
    days = (certificate.ends - datetime.now(UTC)).days
    text = f"{version}; {_described(certificate)}"
    if network.insecure:
        return warning(
            "encryption",
            f"{text}; not verified (--insecure)",
            "pass the authority's certificate with --ca-bundle instead",
        )
    if days < _SOON:
        return warning("encryption", f"{text}; it expires in {days} days", "renew the certificate")
    return ok("encryption", text)


def _untrusted(host: str, port: int, why: str) -> Check:
    """Return the check of a certificate that is not accepted, with its names and dates."""
    text = f"the certificate is not trusted: {why}"
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE  # no request is sent: only the certificate is read
    with suppress(OSError, ValueError):
        text += f" ({_described(_handshake(host, port, unverified)[1])})"
    if "expired" in why:
        return problem("encryption", text, "renew the certificate")
    if "not valid for" in why or "mismatch" in why:
        return problem("encryption", text, "use the host name that the certificate is for")
    return problem(
        "encryption",
        text,
        "pass the certificate of its authority with --ca-bundle",
    )


def _handshake(host: str, port: int, context: ssl.SSLContext) -> tuple[str, Certificate]:
    with (
        socket.create_connection((host, port), timeout=_PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        der = secure.getpeercert(binary_form=True) or b""
        return (secure.version() or "TLS").replace("TLSv", "TLS "), read(der)


def _described(certificate: Certificate) -> str:
    by = "itself" if certificate.issuer == certificate.subject else certificate.issuer
    return f"for {certificate.subject}, issued by {by}, valid until {certificate.ends:%Y-%m-%d}"
