"""What one value of a setting means, and how one that cannot be used is refused."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.contract.cases import Depth
from conformance.errors import UsageError
from conformance.http.rate import Rate
from conformance.target.network import Network
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = {
    "authorization": f"the key goes in {KEY_VARIABLE}",
    "proxy-authorization": "credentials of a proxy go in its URL, in HTTPS_PROXY",
    "host": "it follows from --base-url",
    "user-agent": "it names this suite",
}
"""Headers that the suite sets itself, or that would have other things judged than are asked for."""

_TRANSPORT = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length"),
        *("content-type", "expect", "if-match", "if-modified-since", "if-none-match", "if-range"),
        *("if-unmodified-since", "keep-alive", "proxy-connection", "range", "te", "trailer"),
        *("transfer-encoding", "upgrade", "http2-settings"),
        *("x-http-method", "x-http-method-override", "x-method-override"),
    }
)


def base_url(value: Any, name: str) -> str | None:
    """The base URL without what comes too late in it, None where none is given."""
    if value is None:
        return None
    text = str(value).strip()
    wrong = (
        f"{name}: {text!r} is no base URL: give one with its scheme, such as https://host/api-v1"
    )
    if any(char.isspace() or not char.isprintable() for char in text):
        raise UsageError(wrong)
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and _is_host(parts.hostname)
    except ValueError:
        raise UsageError(wrong) from None
    if not valid:
        raise UsageError(wrong)
    if parts.query or parts.fragment:
        raise UsageError(
            f"{name}: a base URL has no query and no fragment: give what stands before /clinician-profiles"
        )
    if parts.username or parts.password:
        raise UsageError(
            f"{name}: credentials do not belong in the URL: the key goes in {KEY_VARIABLE}"
        )
    try:
        _ = parts.port
    except ValueError:
        raise UsageError(f"{name}: {text!r} has a port that is no number from 0 to 65535") from None
    return text.rstrip("/").removesuffix("/clinician-profiles").rstrip("/")


def _is_host(host: str | None) -> bool:
    """Whether a resolver would take the name at all."""
    if not host:
        return False
    if ":" in host:
        return True  # an IPv6 address: urlsplit has looked at it
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(0 < len(label) <= 63 for label in labels)


def key_of(variable: str, environment: Mapping[str, str], file: Any, name: str) -> str | None:
    """The key in a file or a variable, None where there is none."""
    # A key file is named on purpose, so it comes before a variable that just happens to be set.
    if file is not None:
        try:
            key = Path(str(file)).read_text("utf-8").strip()
        except (OSError, ValueError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "it is no text"
            raise UsageError(f"{name}: {file} cannot be read: {why}") from None
        if not key:
            raise UsageError(f"{name}: {file} is empty: it must hold the key alone")
    else:
        key, name = environment.get(variable, "").strip(), variable
    if not key:
        return None
    if not key.isascii() or any(char.isspace() or not char.isprintable() for char in key):
        raise UsageError(f"{name}: a key is one word of printable ASCII characters")
    return key


def check_keys(base: str | None, own: str | None, other: str | None) -> None:
    """There is a key where there is a target, and not the same one twice."""
    if base is None:
        return
    if own is None:
        raise UsageError(
            f"{KEY_VARIABLE} is not set: export the key of the own organisation, or give --api-key-file"
        )
    if own == other:
        raise UsageError(
            f"{OTHER_KEY_VARIABLE} is the same key as {KEY_VARIABLE}: give the key of another organisation, "
            "or unset it and give --foreign-id"
        )


def uuids(value: Any, name: str) -> tuple[str, ...]:
    """UUIDs in lower case, in any form of a list."""
    if value is None:
        return ()
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise UsageError(f"{name}: expected one UUID or a list of them")
    for item in items:
        try:
            valid = len(str(item)) == 36 and str(uuid.UUID(str(item)))
        except ValueError:
            valid = False
        if not valid:
            raise UsageError(f"{name}: {item!r} is no UUID")
    return tuple(str(item) for item in items)


def depth(value: Any, name: str) -> Depth:
    """The depth of that name."""
    if value is None:
        return Depth.STANDARD
    try:
        return Depth[str(value).upper()]
    except KeyError:
        raise UsageError(
            f"{name}: {value!r} is not a depth: choose smoke, standard or deep"
        ) from None


def integer(value: Any, name: str, *, default: int, least: int, most: int | None = None) -> int:
    """A whole number within bounds."""
    if value is None:
        return default
    try:
        number = int(value) if not isinstance(value, bool | float) else None
    except (TypeError, ValueError):
        number = None
    if number is None or number < least or (most is not None and number > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise UsageError(f"{name}: {value!r} is no whole number {bounds}")
    return number


def boolean(value: Any, name: str, *, default: bool = False) -> bool:
    """A truth value, in words too."""
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in ("1", "true", "yes"):
        return True
    if text in ("0", "false", "no", ""):
        return False
    raise UsageError(f"{name}: {value!r} is neither true nor false")


def seconds(value: Any, name: str, *, default: float) -> float:
    """Seconds, up to an hour."""
    if value is None:
        return default
    try:
        number = float(value) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 3600:
        raise UsageError(f"{name}: {value!r} is no number of seconds from 0 to 3600")
    return number


def rate(value: Any, name: str) -> Rate | None:
    """A rate such as 5/s."""
    if value is None:
        return None
    found = Rate.parse(value) if isinstance(value, str) else None
    if found is None:
        raise UsageError(f"{name}: {value!r} is no rate: give one such as 5/s, 100/m or 900/h")
    return found


def network(
    headers: tuple[Any, str],
    ca_bundle: tuple[Any, str],
    client_cert: tuple[Any, str],
    *,
    insecure: bool,
    http2: bool,
) -> Network:
    """How the target is reached; each value comes with the name of its setting."""
    files = _paths(*client_cert)
    if len(files) > 2:
        raise UsageError(f"{client_cert[1]}: give one PEM file, or CERTIFICATE,KEY")
    bundle = _paths(ca_bundle[0], ca_bundle[1], split=False)
    found = Network(_headers(*headers), next(iter(bundle), None), files, insecure, http2)
    for part, (_, name) in (
        (Network(ca_bundle=found.ca_bundle), ca_bundle),
        (Network(client_cert=found.client_cert), client_cert),
    ):
        try:
            part.context()
        except OSError as problem:
            import ssl  # loaded by what raised it

            what = "certificates" if part.ca_bundle else "a certificate with its key"
            why = f"it does not hold {what} in PEM, without a passphrase"
            no_file = not isinstance(problem, ssl.SSLError)
            raise UsageError(f"{name}: {problem.strerror if no_file else why}") from None
    return found


def _paths(value: Any, name: str, *, split: bool = True) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, str | Path) or not str(value).strip():
        raise UsageError(f"{name}: {value!r} is no file: give its path as a text")
    return tuple(part.strip() for part in str(value).split(",")) if split else (str(value),)


def _headers(value: Any, name: str) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    lines = value.splitlines() if isinstance(value, str) else value
    if not isinstance(lines, list | tuple):
        raise UsageError(f"{name}: expected NAME:VALUE or a list of them")
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        if isinstance(line, str) and not line.strip():
            continue
        header, content = _header(line, name)
        if found.setdefault(header.lower(), (header, content)) != (header, content):
            raise UsageError(f"{name}: {header} is given twice")
    return tuple(found.values())


def _header(line: Any, name: str) -> tuple[str, str]:
    # The value may be a secret: no message shows it, nor a line that may be nothing but a value.
    header, mark, content = str(line).partition(":")
    header, content = header.strip(), content.strip()
    if not mark or not _TOKEN.fullmatch(header):
        raise UsageError(f"{name}: expected NAME:VALUE, with a name of letters, digits and hyphens")
    if not content or not content.isascii() or not content.isprintable():
        raise UsageError(
            f"{name}: the value of {header} is not one line of printable ASCII characters"
        )
    lower = header.lower()
    why = _OURS.get(lower, "it is the suite's own" if lower in _TRANSPORT else None)
    if why is not None:
        raise UsageError(f"{name}: {header} cannot be set: {why}")
    return header, content
