"""`versions.json`: what judged the run of a pack, so that others can judge it again with the same."""

from __future__ import annotations

import json
import platform
import re
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import conformance
from conformance.acceptance.names import FORMAT, VERSIONS
from conformance.errors import PackError
from conformance.text import strict_json

SUITE = "clinician-profiles-conformance"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@cache
def here() -> dict[str, Any]:
    """Return the versions of this installation."""
    return {
        "format": FORMAT,
        "suite": {"name": SUITE, "version": conformance.__version__, "sha256": _sources()},
        "python": platform.python_version(),
        "libraries": _libraries(),
    }


def dumps(versions: dict[str, Any]) -> bytes:
    """Return the bytes of the file."""
    return (json.dumps(versions, indent=2, sort_keys=True) + "\n").encode()


def read(data: bytes) -> dict[str, Any]:
    """Return the versions in a file.

    :raises PackError: if it is not such a file, or is one of a newer format.
    """
    try:
        found = strict_json.loads(data)
        suite, libraries, number = found["suite"], found["libraries"], found["format"]
        texts = [
            suite["version"],
            suite["sha256"],
            found["python"],
            *libraries,
            *libraries.values(),
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PackError(f"{VERSIONS}: it is cut short or not of this suite") from None
    if number != FORMAT or not all(isinstance(text, str) for text in texts):
        raise PackError(
            f"{VERSIONS}: the pack has format {number!r}, and version {conformance.__version__} of this "
            f"suite reads {FORMAT}: verify it with the version that made it, {suite['version']}"
        )
    return dict(found)


def _sources() -> str:
    """Return one SHA-256 over the files of this package: it tells two builds of a version apart."""
    root = Path(conformance.__file__).parent
    digest = sha256()
    for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix()
        # The wheel holds the contract inside of the package; a pack holds it as a file of its own.
        if path.suffix in (".py", ".json", ".j2", ".css", ".js") and "__pycache__" not in name:
            digest.update(f"{name}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _libraries() -> dict[str, str]:
    """Return name → version of the libraries that this package requires."""
    try:
        declared = [text for text in requires(SUITE) or () if "extra ==" not in text]
    except PackageNotFoundError:
        return {}
    found = {}
    for name in sorted(text[: _NAME.match(text).end()] for text in declared):  # type: ignore[union-attr]
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
