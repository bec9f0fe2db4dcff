"""Redact keys in everything that a target sends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from conformance.target.credentials import ANONYMOUS, CREDENTIALS
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target

_SHORTEST_SECRET = 6
_ESCAPE = re.compile(rb"\\u00([2-7][0-9a-f])")
_PLACEHOLDER = re.compile(r"\$COOKIE_[0-9A-F]{8}")


class Redactor:
    """Replaces keys in what a target sends, before anything reads it.

    It covers every credential of the run, also the altered ones, which reveal most of a key. Letter case is
    ignored because ids are compared in lower case.
    """

    def __init__(self, target: Target) -> None:
        names = {target.own_key: KEY_VARIABLE}
        if target.other_key:
            names[target.other_key] = OTHER_KEY_VARIABLE
        for credential in CREDENTIALS.values():
            if credential.applies(target) and credential.holder != ANONYMOUS:
                for _, value in credential.headers(target):
                    scheme, _, secret = value.replace("\t", " ").partition(" ")
                    if len(secret) >= _SHORTEST_SECRET and scheme in ("Bearer", "Basic"):
                        names.setdefault(secret, KEY_VARIABLE)
        for secret, name in target.network.secrets():
            names.setdefault(secret, name)
        self._names = {secret.lower(): f"${name}" for secret, name in names.items()}
        longest_first = sorted(names, key=len, reverse=True)
        pattern = "|".join(re.escape(secret) for secret in longest_first)
        self._text = re.compile(pattern, re.IGNORECASE)
        self._bytes = re.compile(pattern.encode(), re.IGNORECASE)
        self._shortest = min(map(len, names))
        self._secrets = [secret.encode().lower() for secret in names]
        # Used only for bodies with such escapes, because it is slow.
        self._escaped = re.compile(
            "|".join("".join(map(_or_escaped, secret)) for secret in longest_first).encode(),
            re.IGNORECASE,
        )

    def text(self, text: str) -> str:
        """Return the text with variables in place of keys."""
        if len(text) < self._shortest:
            return text
        return self._text.sub(lambda match: self._names[match.group().lower()], text)

    def bytes(self, data: bytes) -> bytes:
        """Return the body with variables in place of keys."""
        # Few bodies hold a key, and this search is many times as fast as the pattern.
        lower = data.lower()
        if _ESCAPE.search(lower) and _holds(self._secrets, _ESCAPE.sub(_char, lower).lower()):
            data = self._escaped.sub(
                lambda match: self._names[_unescaped(match.group())].encode(), data
            )
            lower = data.lower()
        if not _holds(self._secrets, lower):
            return data
        return self._bytes.sub(
            lambda match: self._names[match.group().lower().decode()].encode(), data
        )


def _holds(secrets: Sequence[bytes], lower: bytes) -> bool:
    return any(secret in lower for secret in secrets)


def _char(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])


def _or_escaped(char: str) -> str:
    """Return a pattern for a character of a key, which JSON may write as an escape."""
    escapes = "|".join(rf"\\u{ord(case):04x}" for case in {char.lower(), char.upper()})
    return f"(?:{re.escape(char)}|{escapes})" if char.isascii() else re.escape(char)


def _unescaped(found: bytes) -> str:
    """Return a key in lower case that was found with or without escapes."""
    text = found.decode().lower()
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text).lower()


class Cookies:
    """Replaces the values of cookies by placeholders: a session may be as good as a key.

    A request that sends a placeholder is sent with the value. Equal values have equal placeholders.
    """

    def __init__(self, target: Target) -> None:
        self._salt = target.own_key
        self._values: dict[str, str] = {}

    def hide(self, set_cookie: str) -> str:
        """Return the value of a ``Set-Cookie`` header with a placeholder for that of the cookie."""
        pair, mark, attributes = set_cookie.partition(";")
        name, _, value = pair.partition("=")
        if not value.strip():
            return set_cookie
        digest = sha256(f"{self._salt}\0{value}".encode("utf-8", "surrogateescape")).hexdigest()
        placeholder = f"$COOKIE_{digest[:8].upper()}"
        self._values[placeholder] = value
        return f"{name}={placeholder}{mark}{attributes}"

    def restore(self, text: str) -> str:
        """Return the value of a request header with cookies in place of their placeholders."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(match.group(), match.group()), text)
