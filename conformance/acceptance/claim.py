"""The claim of a pack: who claims that which product and version conforms, and until when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

import yaml

from conformance.acceptance.names import CLAIM, LARGEST
from conformance.errors import PackError
from conformance.text import strict_json
from conformance.text.printable import visible
from conformance.text.wording import shorten


class Claimant(TypedDict):
    """Who makes the claim."""

    organisation: str
    contact: str


class Implementation(TypedDict):
    """What was tested."""

    vendor: str
    product: str
    version: str
    environment: NotRequired[str]
    website: NotRequired[str]
    documentation: NotRequired[str]
    description: NotRequired[str]


class Claim(TypedDict):
    """A claim that matches ``claim.schema.json``; ``valid_until`` is a day of the calendar."""

    claimant: Claimant
    implementation: Implementation
    statement: NotRequired[str]
    valid_until: str


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of a claim."""
    text = resources.files(__package__).joinpath("claim.schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


def from_file(path: Path) -> Claim:
    """Return the claim in a file, JSON or YAML.

    :raises PackError: if it cannot be read or breaks the schema; the message names the member.
    """
    try:
        if path.stat().st_size > LARGEST[CLAIM]:
            raise PackError(f"{path}: a claim has at most {LARGEST[CLAIM]:,} bytes")
        data = path.read_bytes()
    except OSError as problem:
        raise PackError(f"{path}: it cannot be read: {problem.strerror}") from None
    if path.suffix.lower() in (".yaml", ".yml"):
        return _checked(_yaml(data, path), str(path))
    return read(data, str(path))


def read(data: bytes, where: str = CLAIM) -> Claim:
    """Return the claim in the bytes of a JSON file.

    :param where: the name of the file in messages.
    :raises PackError: if it is no claim.
    """
    try:
        value = strict_json.loads(data)
    except ValueError as problem:
        raise PackError(f"{where}: it {problem}") from None
    return _checked(value, where)


def dumps(claim: Claim) -> bytes:
    """Return the bytes of `claim.json`."""
    return (json.dumps(claim, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def expired(claim: Claim, today: date | None = None) -> bool:
    """Return whether the last day of a claim is over."""
    return date.fromisoformat(claim["valid_until"]) < (today or datetime.now(UTC).date())


def _yaml(data: bytes, path: Path) -> Any:
    try:
        if b"&" in data and any(
            isinstance(token, yaml.AliasToken) for token in yaml.scan(data, Loader=yaml.SafeLoader)
        ):
            raise PackError(f"{path}: a claim has no aliases (*)")
        value = yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise PackError(f"{path}: it is not YAML: {_line(problem)}") from None
    # YAML reads an unquoted 2027-05-31 as a date.
    if isinstance(value, dict) and type(value.get("valid_until")) is date:
        value["valid_until"] = value["valid_until"].isoformat()
    return value


def _checked(value: Any, where: str) -> Claim:
    problems = list(_problems(value))
    if problems:
        more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise PackError(f"{where}: {'; '.join(problems[:3])}{more}")
    return cast("Claim", {name: value[name] for name in sorted(value) if name != "$schema"})


def _problems(value: Any) -> Iterator[str]:
    import jsonschema_rs

    if not isinstance(value, dict):
        yield f"a claim is an object with {', '.join(schema()['required'])}, and this is not an object"
        return
    try:
        errors = list(jsonschema_rs.Draft202012Validator(schema()).iter_errors(value))
    except (ValueError, TypeError) as problem:
        yield f"it has a value that JSON does not have: {problem}"
        return
    for error in errors:
        path = ".".join(str(step) for step in error.instance_path)
        message = shorten(visible(error.message), 160)
        yield f"{path}: {message}" if path else message
    if not errors:
        try:
            date.fromisoformat(value["valid_until"])
        except ValueError:
            yield f"valid_until: {value['valid_until']} is not a day of the calendar"
        for text in _texts(value):
            if visible(text, keep="\n\t") != text:
                yield f"it holds a control character: {shorten(visible(text), 80)}"


def _line(problem: Exception) -> str:
    return shorten(visible(" ".join(str(problem).split())), 160)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
