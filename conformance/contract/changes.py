"""What changed between two versions of a contract, and the version step that this calls for.

A version promises that its requirements stay as they are. So whatever an implementation or a client that
holds to the old version would trip over is a major step; what is added is a minor one; words are a patch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from conformance.contract.outline import Node, Outline, requirements
from conformance.contract.versions import Version


class Step(IntEnum):
    """A version step; a greater one covers a smaller one."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True)
class Change:
    """One change. ``before`` and ``after`` are None if there is nothing to compare.

    ``kind`` is ``requirement`` or ``schema``. ``what`` is ``added``, ``removed``,
    the member or keyword that changed, or ``words`` if descriptions, examples or names alone did.
    """

    kind: str
    place: str
    what: str
    step: Step
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Comparison:
    """The changes between two contracts, the step that they call for, and the one that was made."""

    old: str
    new: str
    changes: tuple[Change, ...]
    made: Step | None
    """None if the new version is lower than the old one, or one of the two is not a version."""

    @property
    def needed(self) -> Step:
        """The step that the changes call for."""
        return max((change.step for change in self.changes), default=Step.NONE)

    @property
    def suffices(self) -> bool:
        """Whether the new version makes the step that the changes call for."""
        return self.made is not None and self.made >= self.needed


_REQUIREMENT = {"text": Step.PATCH, "source": Step.PATCH, "since": Step.PATCH}


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], *, names: tuple[str, str]
) -> Comparison:
    """Compare two documents.

    :param names: of the old and the new document, in messages.
    :raises UsageError: if one of them has not the form of an OpenAPI document.
    """
    versions = _version(old), _version(new)
    before, after = Outline(old, names[0]).tree(), Outline(new, names[1]).tree()
    changes = [
        *_requirements(_rows(old), _rows(new)),
        *_nodes("", before, after),
    ]
    if not changes and _without_version(old) != _without_version(new):
        changes.append(Change("schema", "the document", "words", Step.PATCH))
    return Comparison(*versions, tuple(changes), _made(*versions))


def _version(document: Mapping[str, Any]) -> str:
    return str(document["info"].get("version", ""))


def _rows(document: Any) -> dict[str, dict[str, Any]]:
    return {str(row["id"]): row for row in requirements(document)}


def _made(old: str, new: str) -> Step | None:
    before, after = Version.parse(old), Version.parse(new)
    if before is None or after is None or after < before:
        return None
    if after.major != before.major:
        return Step.MAJOR
    if after.minor != before.minor:
        return Step.MINOR
    return Step.PATCH if after.patch != before.patch else Step.NONE


def _requirements(
    old: Mapping[str, dict[str, Any]], new: Mapping[str, dict[str, Any]]
) -> Iterator[Change]:
    for id_, row in old.items():
        if id_ not in new:
            yield Change("requirement", id_, "removed", Step.MAJOR, before=row.get("text"))
    for id_, row in new.items():
        if id_ not in old:
            yield Change("requirement", id_, "added", Step.MINOR, after=row.get("text"))
            continue
        earlier = old[id_]
        for name in ("level", "source", "text", "not_tested", "since"):
            before, after = earlier.get(name), row.get(name)
            if before != after:
                yield Change("requirement", id_, name, _step(name, after), before, after)


def _step(name: str, after: Any) -> Step:
    """Return the step of a requirement whose member changed."""
    if name == "level":  # a recommendation that becomes mandatory is stricter under its id
        return Step.MAJOR if after == "must" else Step.PATCH
    if name == "not_tested":  # what no test judged can now fail
        return Step.MINOR if after is None else Step.PATCH
    return _REQUIREMENT[name]


def _nodes(place: str, old: Node, new: Node) -> Iterator[Change]:
    """Yield how a part changed. Of a part that was added or removed, its own parts are not listed."""
    for name in [*old.facts, *(name for name in new.facts if name not in old.facts)]:
        before, after = old.facts.get(name), new.facts.get(name)
        if before != after or type(before) is not type(after):
            step = Step.MINOR if name == "deprecated" else Step.MAJOR
            yield Change("schema", place or "the API", name, step, before, after)
    for name, part in old.parts.items():
        if name not in new.parts:
            yield Change("schema", _below(place, name), "removed", Step.MAJOR)
        else:
            yield from _nodes(_below(place, name), part, new.parts[name])
    for name, part in new.parts.items():
        if name not in old.parts:
            step = Step.MAJOR if _refuses(name, part) else Step.MINOR
            yield Change("schema", _below(place, name), "added", step)


def _refuses(name: str, part: Node) -> bool:
    """Return whether a request or value of the old version can break a part that was added."""
    if part.facts.get("required") is True:
        return True
    return name in ("items", "not", "additionalProperties") or name.startswith("allOf ")


def _below(place: str, name: str) -> str:
    # "GET /clinician-profiles" reads better than the path with its method behind it.
    if place.startswith("/") and " " not in place and name.isupper():
        return f"{name} {place}"
    return f"{place} {name}" if place else name


def _without_version(document: Mapping[str, Any]) -> dict[str, Any]:
    info = {name: text for name, text in document["info"].items() if name != "version"}
    return {**document, "info": info}
