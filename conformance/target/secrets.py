"""Redact keys in everything that a target sends."""

from __future__ import annotations

import re

from conformance.target.credentials import CREDENTIALS
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target

_SHORTEST_SECRET = 6


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
            if credential.applies(target):
                _, _, secret = (credential.header(target) or "").partition(" ")
                if len(secret) >= _SHORTEST_SECRET:
                    names.setdefault(secret, KEY_VARIABLE)
        for secret, name in target.network.secrets():
            names.setdefault(secret, name)
        self._names = {secret.lower(): f"${name}" for secret, name in names.items()}
        longest_first = sorted(names, key=len, reverse=True)
        pattern = "|".join(re.escape(secret) for secret in longest_first)
        self._text = re.compile(pattern, re.IGNORECASE)
        self._bytes = re.compile(pattern.encode(), re.IGNORECASE)
        self._secrets = [secret.encode().lower() for secret in names]

    def text(self, text: str) -> str:
        """Return the text with variables in place of keys."""
        return self._text.sub(lambda match: self._names[match.group().lower()], text)

    def bytes(self, data: bytes) -> bytes:
        """Return the body with variables in place of keys."""
        # Few bodies hold a key, and this search is many times as fast as the pattern.
        lower = data.lower()
        if not any(secret in lower for secret in self._secrets):
            return data
        return self._bytes.sub(
            lambda match: self._names[match.group().lower().decode()].encode(), data
        )
