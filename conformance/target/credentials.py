"""Credentials: every way in which a request of the suite authenticates, valid or not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conformance.target.credential import (
    ANONYMOUS,
    COOKIE,
    HEADER,
    IDENTITIES,
    NAMES,
    OTHER,
    OWN,
    QUERY,
    Credential,
    Part,
)
from conformance.target.credential import KEY as _KEY
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target

__all__ = [
    "ANONYMOUS",
    "CREDENTIALS",
    "IDENTITIES",
    "NAMES",
    "OTHER",
    "OWN",
    "PLACES",
    "Credential",
    "in_places",
]


def _bearer(change: Callable[[str], str]) -> Callable[[Target], str | None]:
    return lambda target: f"Bearer {change(target.own_key)}"


def _split(key: str) -> tuple[str, str]:
    """Return the public prefix that every key has (``pk_test_``), and the secret part."""
    head, mark, tail = key.rpartition("_")
    return (head + mark, tail) if mark and tail else ("", key)


def _replaced(key: str, index: int) -> str:
    """Return the key with one character replaced by another of the same kind."""
    old = key[index]
    new = "b" if old == "a" else "B" if old == "A" else "1" if old == "0" else "a"
    if old.isupper() and old != "A":
        new = "A"
    elif old.isdigit() and old != "0":
        new = "0"
    position = index % len(key)
    return key[:position] + new + key[position + 1 :]


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
    """Return a key that was never issued, with the prefix and length of the valid one; always the same."""
    head, tail = _split(target.own_key)
    letters = "NeverIssued0"
    return head + (letters * (len(tail) // len(letters) + 1))[: max(len(tail), 8)]


def _of_parts(tail: str) -> str:
    """Return the value as a shell writes it: the public prefix unchanged, the secret part by ``tail``."""
    secret = f"${{{KEY_VARIABLE}##*_}}"
    return f'Bearer ${{{KEY_VARIABLE}%"{secret}"}}' + tail.format(tail=secret)


_LONG = 6_000
"""Most servers bound a header at 8 KiB: a longer one would not reach the API."""
_NEVER_ISSUED = "pk_test_Never$(printf %s Issued0)"
"""Written in two parts: a whole key would be taken for a real one and redacted."""


class _Credentials(dict[str, Credential]):
    """Name → credential, also for the names that :func:`in_places` makes."""

    def __missing__(self, name: str) -> Credential:
        places = name.removeprefix(_ELSEWHERE).split(", ")
        if not name.startswith(_ELSEWHERE) or any(place not in PLACES for place in places):
            raise KeyError(name)
        parts = tuple(PLACES[place] for place in places)
        return replace(self["no key"], name=name, parts=parts, holder=OWN)


_ELSEWHERE = "key in "

PLACES: Mapping[str, Part] = {
    f"{place} {name}": Part(place, name, lambda target: target.own_key, _KEY)
    for place, names in (
        (QUERY, ("api_key", "apikey", "access_token", "key", "token")),
        (COOKIE, ("api_key", "access_token", "token", "session")),
        (HEADER, ("X-Api-Key", "Api-Key", "ApiKey", "X-Access-Token", "X-Auth-Token")),
    )
    for name in names
} | {
    "header X-Forwarded-Authorization": Part(
        HEADER,
        "X-Forwarded-Authorization",
        lambda target: f"Bearer {target.own_key}",
        f"Bearer {_KEY}",
    )
}
"""Places for a key other than ``Authorization``: name → what is sent."""


def in_places(places: Sequence[str]) -> str:
    """Return the name of the credential that sends the key in these places of :data:`PLACES`."""
    return _ELSEWHERE + ", ".join(places) if places else "no key"


CREDENTIALS: Mapping[str, Credential] = _Credentials(
    (item.name, item)
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
        # No space after the scheme: HTTP strips trailing white space from a field anyway.
        Credential("empty bearer", ANONYMOUS, lambda _: "Bearer", "Bearer"),
        Credential(
            "a key never issued",
            ANONYMOUS,
            lambda target: f"Bearer {_never_issued(target)}",
            f"Bearer {_NEVER_ISSUED}",
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
            # A decoder of base64 may ignore it, as whatever looks at the first characters only does.
            _bearer(lambda key: key + "="),
            f"Bearer ${{{KEY_VARIABLE}}}=",
        ),
        Credential(
            "key with letters of its scheme as a suffix",
            ANONYMOUS,
            # To cut off a prefix, some functions take a set of characters, and cut them off both ends.
            _bearer(lambda key: key + "reareB"),
            f"Bearer ${{{KEY_VARIABLE}}}reareB",
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
        Credential(
            "key with a second word",
            ANONYMOUS,
            lambda target: f"Bearer {target.own_key} zqx",
            f"Bearer {_KEY} zqx",
            holder=OWN,
        ),
        Credential(
            "key with a byte beyond ASCII",
            ANONYMOUS,
            lambda target: f"Bearer {target.own_key}\xe9",
            f"Bearer ${{{KEY_VARIABLE}}}$(printf '\\351')",
            holder=OWN,
        ),
        Credential(
            "two Authorization headers",
            ANONYMOUS,
            lambda target: f"Bearer {target.own_key}",
            f"Bearer {_KEY}",
            parts=(
                Part(
                    HEADER,
                    "Authorization",
                    lambda target: f"Bearer {_never_issued(target)}",
                    f"Bearer {_NEVER_ISSUED}",
                ),
            ),
            holder=OWN,
        ),
        Credential(
            "a very long key",
            ANONYMOUS,
            lambda _: f"Bearer {'x' * _LONG}",
            f"Bearer $(head -c {_LONG} /dev/zero | tr '\\0' x)",
            holder=ANONYMOUS,
        ),
        Credential(
            "key behind a tab",
            ANONYMOUS,
            lambda target: f"Bearer\t{target.own_key}",
            f"Bearer$(printf '\\t'){_KEY}",
            holder=OWN,
        ),
        Credential(
            "key with a control character",
            ANONYMOUS,
            lambda target: f"Bearer {target.own_key}\x01",
            f"Bearer ${{{KEY_VARIABLE}}}$(printf '\\001')",
            holder=OWN,
        ),
        Credential(
            "two Authorization headers, the valid one last",
            ANONYMOUS,
            lambda target: f"Bearer {_never_issued(target)}",
            f"Bearer {_NEVER_ISSUED}",
            parts=(
                Part(
                    HEADER,
                    "Authorization",
                    lambda target: f"Bearer {target.own_key}",
                    f"Bearer {_KEY}",
                ),
            ),
            holder=OWN,
        ),
        Credential(
            "key as the password of Basic",
            ANONYMOUS,
            lambda target: f"Basic {b64encode(f'x:{target.own_key}'.encode()).decode()}",
            f'Basic $(printf x:%s "{_KEY}" | base64 -w0)',
            holder=OWN,
        ),
    )
)
"""Name → credential, for all that a request of the suite may name."""
