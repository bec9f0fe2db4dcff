"""Parsers of setting values: each takes the raw value and the name the user gave it under."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.contract.selection import selected
from conformance.errors import UsageError
from conformance.http.limits import Rate
from conformance.target.network import Network
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from conformance.text.uuids import is_uuid

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,62}", re.ASCII)
LONGEST_WAIT = 3600
_LONGEST_LABEL = 200
_OURS = {
    "authorization": f"put the key in {KEY_VARIABLE}",
    "proxy-authorization": "put credentials of a proxy in its URL, in HTTPS_PROXY",
    "host": "it follows from --base-url",
    "user-agent": "it names this suite",
}
"""Headers that the suite sets itself, or that would change what is judged."""

_TRANSPORT = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length"),
        *("content-type", "expect", "if-match", "if-modified-since", "if-none-match", "if-range"),
        *("if-unmodified-since", "keep-alive", "proxy-connection", "range", "te", "trailer"),
        *("transfer-encoding", "upgrade", "http2-settings"),
        *("x-http-method", "x-http-method-override", "x-method-override"),
    }
)


def base_url(value: Any, name: str) -> str:
    """Return the base URL without a trailing slash or ``/clinician-profiles``."""
    text = str(value).strip()
    wrong = f"{name}: {text!r} is not a valid base URL: use a form like https://host/api-v1"
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
            f"{name}: a base URL has no query and no fragment: give the part before /clinician-profiles"
        )
    if parts.username or parts.password:
        raise UsageError(f"{name}: a base URL holds no credentials: put the key in {KEY_VARIABLE}")
    try:
        _ = parts.port
    except ValueError:
        raise UsageError(
            f"{name}: {text!r} has a port that is not a number from 0 to 65535"
        ) from None
    return text.rstrip("/").removesuffix("/clinician-profiles").rstrip("/")


def _is_host(host: str | None) -> bool:
    """Whether a resolver accepts the name at all."""
    if not host:
        return False
    if ":" in host:
        return True  # an IPv6 address, which urlsplit has checked
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(0 < len(label) <= 63 for label in labels)


def key(value: str, name: str) -> str:
    """Return a key from the environment."""
    text = value.strip()
    if not text.isascii() or any(char.isspace() or not char.isprintable() for char in text):
        raise UsageError(f"{name}: a key is one word of printable ASCII characters")
    return text


def key_file(value: Any, name: str) -> str:
    """Return the key that a file holds."""
    try:
        text = Path(str(value)).read_text("utf-8").strip()
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise UsageError(f"{name}: {value} cannot be read: {why}") from None
    if not text:
        raise UsageError(f"{name}: {value} is empty: it must hold the key and nothing else")
    return key(text, name)


def check_keys(base: str | None, own: str | None, other: str | None) -> None:
    """Check that a target comes with a key, and that the second key differs from it."""
    if base is None:
        return
    if own is None:
        raise UsageError(f"{KEY_VARIABLE} is not set: export your key, or give --api-key-file")
    if own == other:
        raise UsageError(
            f"{OTHER_KEY_VARIABLE} is the same key as {KEY_VARIABLE}: give a key of another organisation, "
            "or unset it and give --foreign-id"
        )


def uuids(value: Any, name: str) -> tuple[str, ...]:
    """Return UUIDs as they are written: a list, or a text with commas or spaces between them."""
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise UsageError(f"{name}: expected one UUID or a list of them")
    for item in items:
        if not is_uuid(str(item)):
            raise UsageError(f"{name}: {item!r} is not a UUID")
    return tuple(str(item) for item in items)


def depth(value: Any, name: str) -> Depth:
    """Return the depth of that name."""
    try:
        return Depth[str(value).upper()]
    except KeyError:
        raise UsageError(
            f"{name}: {value!r} is not a depth: choose smoke, standard or deep"
        ) from None


def requirements(value: Any, name: str) -> str:
    """Return the name of the requirement set of a version of the contract."""
    contract = load()
    if not isinstance(value, str):  # in a file, 1.10 is the number 1.1
        raise UsageError(f'{name}: {value!r} is not a version: write it as a string, "1.0"')
    found = contract.set_of(value.strip())
    if found is None:
        known = " or ".join(contract.requirement_sets)
        raise UsageError(f"{name}: {value!r} is not a version of the contract: choose {known}")
    return found


def names(value: Any, name: str) -> tuple[str, ...]:
    """Return names of requirements: a list, or a text with commas or spaces between them."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise UsageError(f"{name}: expected a name or a list of them")
    found = tuple(part for item in items for part in item.replace(",", " ").split())
    if not found:
        raise UsageError(f"{name}: expected ids such as PAG-04, areas, must or should")
    selected(load().requirements, found, name)
    return found


def fail_on(value: Any, name: str) -> str:
    """Return what fails a run that has a baseline."""
    if value not in ("any", "new"):
        raise UsageError(f"{name}: {value!r} is neither any nor new")
    return str(value)


@dataclass(frozen=True, slots=True)
class Integer:
    """A parser of whole numbers within bounds."""

    least: int
    most: int | None = None

    def __call__(self, value: Any, name: str) -> int:
        """Return the number."""
        least, most = self.least, self.most
        try:
            number = int(value) if not isinstance(value, bool | float) else None
        except (TypeError, ValueError):
            number = None
        if number is None or number < least or (most is not None and number > most):
            bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise UsageError(f"{name}: {value!r} is not a whole number {bounds}")
        return number


def boolean(value: Any, name: str) -> bool:
    """Return a truth value, also one that is written as a word or a digit."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in ("1", "true", "yes"):
        return True
    if text in ("0", "false", "no", ""):
        return False
    raise UsageError(f"{name}: {value!r} is neither true nor false")


def seconds(value: Any, name: str) -> float:
    """Return a number of seconds, up to an hour."""
    try:
        number = float(value) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= LONGEST_WAIT:
        raise UsageError(f"{name}: {value!r} is not a number of seconds from 0 to {LONGEST_WAIT}")
    return number


def rate(value: Any, name: str) -> Rate:
    """Return a rate."""
    found = Rate.parse(value) if isinstance(value, str) else None
    if found is None:
        raise UsageError(f"{name}: {value!r} is not a rate: use a form like 5/s, 100/m or 900/h")
    return found


def path(value: Any, name: str) -> Path:
    """Return the path of a file or directory that need not exist."""
    if not isinstance(value, str | Path):
        raise UsageError(f"{name}: {value!r} is not a path: write it as a string")
    return Path(value)


def file(value: Any, name: str) -> str:
    """Return the path of one file."""
    if not isinstance(value, str | Path) or not str(value).strip():
        raise UsageError(f"{name}: {value!r} is not a path: write it as a string")
    return str(value)


def files(value: Any, name: str) -> tuple[str, ...]:
    """Return the path of a certificate, and of its key if that is in another file."""
    found = tuple(part.strip() for part in file(value, name).split(","))
    if len(found) > 2:
        raise UsageError(f"{name}: give one PEM file, or CERTIFICATE,KEY")
    return found


def check_network(network: Network, names: Mapping[str, str]) -> None:
    """Check that the certificates of a network can be loaded.

    :param names: setting name → the name under which the user gave it.
    """
    for part, name in (
        (Network(ca_bundle=network.ca_bundle), "ca_bundle"),
        (Network(client_cert=network.client_cert), "client_cert"),
    ):
        try:
            part.context()
        except OSError as problem:
            import ssl  # already loaded by what raised the error

            what = "certificates" if part.ca_bundle else "a certificate with its key"
            why = f"it does not hold {what} in PEM, without a passphrase"
            no_file = not isinstance(problem, ssl.SSLError)
            raise UsageError(f"{names[name]}: {problem.strerror if no_file else why}") from None


def headers(value: Any, name: str) -> tuple[tuple[str, str], ...]:
    """Return headers from a list, or from a text with one header a line."""
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


def labels(value: Any, name: str) -> tuple[tuple[str, str], ...]:
    """Return labels from a list, or from a text with one label a line."""
    lines = value.splitlines() if isinstance(value, str) else value
    if not isinstance(lines, list | tuple):
        raise UsageError(f"{name}: expected KEY=VALUE or a list of them")
    found: dict[str, str] = {}
    for line in lines:
        if isinstance(line, str) and not line.strip():
            continue
        label, mark, content = str(line).partition("=")
        label, content = label.strip(), content.strip()
        if not mark or not _LABEL.fullmatch(label):
            raise UsageError(
                f"{name}: {line!r} is not KEY=VALUE, with a key of letters, digits, dots and hyphens"
            )
        if not content or not content.isprintable() or len(content) > _LONGEST_LABEL:
            raise UsageError(
                f"{name}: the value of {label} is not one line of 1 to {_LONGEST_LABEL} printable characters"
            )
        if found.setdefault(label, content) != content:
            raise UsageError(f"{name}: {label} is given twice")
    return tuple(found.items())


def _header(line: Any, name: str) -> tuple[str, str]:
    # The value may be a secret: no message shows it, nor a line that may be only a value.
    header, mark, content = str(line).partition(":")
    header, content = header.strip(), content.strip()
    if not mark or not _TOKEN.fullmatch(header):
        raise UsageError(f"{name}: expected NAME:VALUE, with a name of letters, digits and hyphens")
    if not content or not content.isascii() or not content.isprintable():
        raise UsageError(
            f"{name}: the value of {header} is not one line of printable ASCII characters"
        )
    lower = header.lower()
    why = _OURS.get(lower, "the suite sets it itself" if lower in _TRANSPORT else None)
    if why is not None:
        raise UsageError(f"{name}: {header} cannot be set: {why}")
    return header, content
