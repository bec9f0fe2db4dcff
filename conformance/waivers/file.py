"""Reads ``waivers.yaml``. Whatever is wrong with it is one line that names the line to change."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import yaml

from conformance.errors import UsageError
from conformance.text.printable import visible
from conformance.text.wording import shorten

NAME = "waivers.yaml"
_LONGEST = 160


@dataclass(frozen=True)
class Waiver:
    """An entry of the file; ``line`` is where it starts, from 1. It holds up to and on ``expires``."""

    requirement: str
    owner: str
    reason: str
    expires: date
    fingerprint: str | None = None
    ticket: str | None = None
    line: int = 0

    @property
    def subject(self) -> str:
        """What it waives: the fingerprint if it has one, else the requirement."""
        return self.fingerprint or self.requirement


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the file."""
    text = resources.files("conformance.waivers").joinpath("waivers.schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


def today() -> date:
    """Return the date in UTC."""
    return datetime.now(UTC).date()


def read(path: Path, requirements: Collection[str], day: date) -> tuple[Waiver, ...]:
    """Return the waivers of a file.

    :param requirements: the ids of the contract.
    :param day: a waiver that ended before it has expired.
    :raises UsageError: if the file cannot be read, breaks its schema, names an unknown requirement, or has a
        waiver that has expired.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise UsageError(f"--waivers: {path} cannot be read: {why}") from None
    waivers = parse(text, path)
    _check(waivers, path, requirements, day)
    return waivers


def parse(text: str, path: Path) -> tuple[Waiver, ...]:
    """Return the waivers of a text; see :func:`read`. Ids and dates are not compared with anything yet."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise UsageError(f"{path}: aliases (*name) are not supported: write the entry out")
        root = yaml.compose(text, yaml.SafeLoader)
        content = yaml.load(text, _Loader)  # noqa: S506 (a safe loader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise _wrong(path, line, f"it is not YAML: {problem.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise _wrong(path, 1, f"it is not YAML: {problem}") from None
    if root is None:
        raise _wrong(path, 1, "it is empty: it needs a list named waivers")
    for node, name in _repeated(root):
        raise _wrong(path, node.start_mark.line + 1, f"{name} is given twice")
    errors = list(jsonschema_rs.Draft202012Validator(schema()).iter_errors(content))
    if errors:
        # A misspelt name explains why the right one is missing.
        error = min(errors, key=lambda item: "required" in item.message)
        where = list(error.instance_path)
        field = f"{where[-1]}: " if where and isinstance(where[-1], str) else ""
        raise _wrong(path, _line(root, where), f"{field}{error.message}")
    entries = content["waivers"] or []
    return tuple(
        Waiver(
            **{name: text for name, text in entry.items() if name != "expires"},
            expires=_day(entry["expires"], path, _line(root, ["waivers", number, "expires"])),
            line=_line(root, ["waivers", number]),
        )
        for number, entry in enumerate(entries)
    )


def _check(waivers: Sequence[Waiver], path: Path, requirements: Collection[str], day: date) -> None:
    seen: dict[str, Waiver] = {}
    for waiver in waivers:
        id_ = waiver.requirement
        if id_ not in requirements:
            near = get_close_matches(id_, requirements, n=1, cutoff=0.5)
            hint = f": is it {near[0]}?" if near else ": conformance list shows all"
            raise _wrong(path, waiver.line, f"{id_} is not a requirement of the contract{hint}")
        print_ = waiver.fingerprint
        if print_ is not None and print_.split("/")[0] != id_:
            raise _wrong(path, waiver.line, f"{print_} is not a fingerprint of {id_}")
        first = seen.setdefault(waiver.subject, waiver)
        if first is not waiver:
            why = f"{waiver.subject} is waived in line {first.line} already: remove one of them"
            raise _wrong(path, waiver.line, why)
        if waiver.expires < day:
            raise _wrong(
                path,
                waiver.line,
                f"the waiver of {waiver.subject} expired on {waiver.expires}: "
                f"have the target fixed, or agree on a later date with its owner, {waiver.owner}",
            )


class _Loader(yaml.SafeLoader):
    """Leaves dates as they are written."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)

    yaml_implicit_resolvers = {  # noqa: RUF012 (as in PyYAML)
        sign: [item for item in items if item[0] != "tag:yaml.org,2002:timestamp"]
        for sign, items in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _day(text: str, path: Path, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(path, line, f"expires: {text} is not a date") from None


def _repeated(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Yield keys that one mapping has twice, of which YAML would keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key, str(key.value)
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)


def _line(node: yaml.Node, where: Sequence[str | int]) -> int:
    """Return the line of a value, from 1; that of what holds it, if it is not there."""
    line = node.start_mark.line + 1
    for part in where:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found = node.value[part]
        if found is None:
            break
        node, line = found, found.start_mark.line + 1
    return line


def _wrong(path: Path, line: int, why: str) -> UsageError:
    return UsageError(f"{path}, line {line}: {shorten(visible(' '.join(why.split())), _LONGEST)}")
