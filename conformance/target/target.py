"""What is under test: the base URL, the credentials of requests, what is known of the data."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformance.target.network import DIRECT, Network

OWN = "own"
OTHER = "other"
ANONYMOUS = "anonymous"
IDENTITIES = (OWN, OTHER, ANONYMOUS)

KEY_VARIABLE = "CONFORMANCE_API_KEY"
OTHER_KEY_VARIABLE = "CONFORMANCE_OTHER_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to judge.

    ``base_url`` goes up to and without ``/clinician-profiles`` and has no trailing slash. Keys are kept
    out of ``repr``, so that no traceback or log shows them.
    """

    base_url: str
    own_key: str = field(repr=False)
    other_key: str | None = field(default=None, repr=False)
    foreign_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    embedded: bool = False
    network: Network = DIRECT

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys, longest first."""
        keys = {self.own_key, self.other_key or ""} - {""}
        return tuple(sorted(keys, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request proves itself with.

    ``header`` gives the value of ``Authorization`` (None: no such header), ``shell`` the same value as a
    shell writes it, with the key as a variable. ``applies`` says whether the credential differs from the
    valid one at all: a key without letters has no other letter case.
    """

    name: str
    identity: str
    header: Callable[[Target], str | None]
    shell: str | None
    applies: Callable[[Target], bool] = lambda _: True


def _bearer(change: Callable[[str], str]) -> Callable[[Target], str | None]:
    return lambda target: f"Bearer {change(target.own_key)}"


def _split(key: str) -> tuple[str, str]:
    """The key's public prefix (``pk_test_``), which every key has, and its secret part."""
    head, mark, tail = key.rpartition("_")
    return (head + mark, tail) if mark and tail else ("", key)


def _replaced(key: str, index: int) -> str:
    """The key with one character replaced by another of its kind."""
    old = key[index]
    new = "b" if old == "a" else "B" if old == "A" else "1" if old == "0" else "a"
    if old.isupper() and old != "A":
        new = "A"
    elif old.isdigit() and old != "0":
        new = "0"
    place = index % len(key)
    return key[:place] + new + key[place + 1 :]


def _first_changed(key: str) -> str:
    head, tail = _split(key)
    return head + _replaced(tail, 0)


def _middle_changed(key: str) -> str:
    head, tail = _split(key)
    return head + _replaced(tail, len(tail) // 2)


def _case_swapped(key: str) -> str:
    head, tail = _split(key)
    return head + tail.swapcase()


def _never_issued(target: Target) -> str:
    """A key of the valid one's length and prefix that nobody was given: the same for every run."""
    head, tail = _split(target.own_key)
    letters = "NeverIssued0"
    return head + (letters * (len(tail) // len(letters) + 1))[: max(len(tail), 8)]


class Veil:
    """Takes keys out of what a target sends back, before anything looks at it.

    Every credential of the run counts, also the altered ones, which tell most of a key; letter case does
    not, since what looks like an id is compared in lower case.
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

    def text(self, text: str) -> str:
        """The text with variables in the place of keys."""
        return self._text.sub(lambda match: self._names[match.group().lower()], text)

    def bytes(self, data: bytes) -> bytes:
        """The same for a body."""
        return self._bytes.sub(
            lambda match: self._names[match.group().lower().decode()].encode(), data
        )


def _of_parts(tail: str) -> str:
    """The value as a shell writes it: the public prefix as it is, and what becomes of the secret part."""
    secret = f"${{{KEY_VARIABLE}##*_}}"
    return f'Bearer ${{{KEY_VARIABLE}%"{secret}"}}' + tail.format(tail=secret)


_SHORTEST_SECRET = 6
_KEY = "$" + KEY_VARIABLE

CREDENTIALS: Mapping[str, Credential] = {
    item.name: item
    for item in (
        Credential(OWN, OWN, lambda target: f"Bearer {target.own_key}", f"Bearer {_KEY}"),
        Credential(
            OTHER,
            OTHER,
            lambda target: f"Bearer {target.other_key}",
            f"Bearer ${OTHER_KEY_VARIABLE}",
            applies=lambda target: target.other_key is not None,
        ),
        Credential("no key", ANONYMOUS, lambda _: None, None),
        # Without the space behind the scheme: HTTP strips trailing white space from a field anyway.
        Credential("empty bearer", ANONYMOUS, lambda _: "Bearer", "Bearer"),
        Credential(
            "a key never issued",
            ANONYMOUS,
            lambda target: f"Bearer {_never_issued(target)}",
            # Written so that it does not read as a key, which would be taken for a real one and hidden.
            "Bearer pk_test_Never$(printf %s Issued0)",
        ),
        Credential(
            "key with its prefix changed",
            ANONYMOUS,
            _bearer(lambda key: _replaced(key, 0)),
            f"Bearer #${{{KEY_VARIABLE}#?}}",
        ),
        Credential(
            "key with its first letter changed",
            ANONYMOUS,
            _bearer(_first_changed),
            _of_parts('#$(printf %s "{tail}" | cut -c2-)'),
        ),
        Credential(
            "key with a middle letter changed",
            ANONYMOUS,
            _bearer(_middle_changed),
            f"Bearer $(printf %s \"{_KEY}\" | sed 's/.\\(.\\{{8\\}}\\)$/#\\1/')",
        ),
        Credential(
            "key with its last letter changed",
            ANONYMOUS,
            _bearer(lambda key: _replaced(key, -1)),
            f"Bearer ${{{KEY_VARIABLE}%?}}#",
        ),
        Credential(
            "key in another letter case",
            ANONYMOUS,
            _bearer(_case_swapped),
            _of_parts('$(printf %s "{tail}" | tr a-zA-Z A-Za-z)'),
            applies=lambda target: _case_swapped(target.own_key) != target.own_key,
        ),
        Credential(
            "key with a suffix",
            ANONYMOUS,
            _bearer(lambda key: key + "x"),
            f"Bearer ${{{KEY_VARIABLE}}}x",
        ),
        Credential(
            "key without its last letter",
            ANONYMOUS,
            _bearer(lambda key: key[:-1]),
            f"Bearer ${{{KEY_VARIABLE}%?}}",
        ),
        Credential(
            "key as the user name of Basic",
            ANONYMOUS,
            lambda target: f"Basic {b64encode(f'{target.own_key}:'.encode()).decode()}",
            f'Basic $(printf %s: "{_KEY}" | base64 -w0)',
        ),
        Credential(
            "key under the Basic scheme",
            ANONYMOUS,
            lambda target: f"Basic {target.own_key}",
            f"Basic {_KEY}",
        ),
    )
}
"""Every credential that a request of the suite may name."""
