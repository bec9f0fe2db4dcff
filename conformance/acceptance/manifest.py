"""The manifest of a pack, in the format of ``sha256sum``: standard tools check it too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from conformance.acceptance.names import MANIFEST, UNLISTED
from conformance.errors import PackError

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]+)")


def written(contents: Mapping[str, bytes]) -> bytes:
    """Return the manifest of these files."""
    lines = [f"{sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents)]
    return "".join(lines).encode()


def read(data: bytes) -> dict[str, str]:
    """Return name → SHA-256 in hex.

    :raises PackError: if it is not a manifest.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in found:
            raise PackError(f"{MANIFEST}: line {number} is not a SHA-256 and the name of a file")
        found[match[2]] = match[1]
    return found


def differences(
    contents: Mapping[str, bytes], listed: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield each file that differs from the manifest, with how it does."""
    for name in sorted(contents.keys() - UNLISTED | listed.keys()):
        if name not in contents:
            yield name, "the manifest lists it, and the pack does not hold it"
        elif name not in listed:
            yield name, "the manifest does not list it"
        elif sha256(contents[name]).hexdigest() != listed[name]:
            yield name, "it was edited: its SHA-256 is not that of the manifest"
