"""An OpenAPI document as a tree of what a client and a server rely on, with references resolved.

Two documents with the same tree say the same, whatever the names of their components.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from conformance.errors import UsageError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MOST_BYTES = 8 * 1024 * 1024
MOST_NODES = 50_000
MOST_VALUES = 1_000_000
"""Values of a document after its YAML aliases are followed."""

_MEMBERS = frozenset(
    {"properties", "items", "allOf", "oneOf", "anyOf", "not", "additionalProperties"}
)


@dataclass
class Node:
    """A part of the document: ``facts`` are its keywords, ``parts`` what it consists of, by name."""

    facts: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Node] = field(default_factory=dict)


def read(path: Path) -> dict[str, Any]:
    """Return the document in a file.

    :raises UsageError: in one line, if it cannot be read, is not YAML or JSON, or not an OpenAPI document.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from None
    if size > MOST_BYTES:
        raise UsageError(f"{path} has more than {MOST_BYTES:,} bytes")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(data, Loader=loader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        raise UsageError(f"{path} is neither YAML nor JSON{where}") from None
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise UsageError(
            f"{path} is not an OpenAPI document of version 3: it has no such member openapi"
        )
    if not isinstance(document.get("paths"), dict):
        raise UsageError(f"{path} is not a complete OpenAPI document: it has no paths")
    if not isinstance(document.get("info"), dict):
        raise UsageError(f"{path} is not a complete OpenAPI document: it has no info")
    if _size(document, {}) > MOST_VALUES:
        raise UsageError(f"{path} has more than {MOST_VALUES:,} values, or contains itself")
    return document


def _size(value: Any, known: dict[int, int]) -> int:
    """Return how many values a document has; one that contains itself has too many."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = MOST_VALUES + 1
        members = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(member, known) for member in members)
    return known[id(value)]


class Outline:
    """Builds the tree of a document.

    :param name: the document in messages.
    """

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self._document = document
        self._name = name
        self._count = 0

    def tree(self) -> Node:
        """Return the tree.

        :raises UsageError: if a reference leads nowhere, or the document has another form or is too large.
        """
        try:
            return self._tree()
        except (AttributeError, TypeError, KeyError, ValueError, RecursionError) as problem:
            kind = type(problem).__name__
            raise UsageError(
                f"{self._name} is not a valid OpenAPI document ({kind}: {problem})"
            ) from None

    def _tree(self) -> Node:
        root = self._node({"security": self._document.get("security")})
        for path, node in self._document["paths"].items():
            item = self._resolved(node, ())[0]
            part = self._node({})
            shared = self._parameters(item.get("parameters", ()))
            for method in METHODS:
                if method in item:
                    part.parts[method.upper()] = self._operation(item[method], shared)
            root.parts[str(path)] = part
        return root

    def _operation(self, operation: Mapping[str, Any], shared: Mapping[str, Node]) -> Node:
        found = self._node(_facts(operation, "operationId", "security", "deprecated"))
        found.parts |= shared
        found.parts |= self._parameters(operation.get("parameters", ()))
        if "requestBody" in operation:
            body = self._resolved(operation["requestBody"], ())[0]
            part = self._node(_facts(body, "required"))
            part.parts |= self._contents(body)
            found.parts["request body"] = part
        for status, node in operation.get("responses", {}).items():
            response = self._resolved(node, ())[0]
            part = self._node({})
            for name, header in response.get("headers", {}).items():
                part.parts[f"header {name}"] = self._carrier(header)
            part.parts |= self._contents(response)
            found.parts[f"response {status}"] = part
        return found

    def _parameters(self, nodes: Any) -> dict[str, Node]:
        found = {}
        for node in nodes:
            parameter = self._resolved(node, ())[0]
            found[f"{parameter['in']} parameter {parameter['name']}"] = self._carrier(parameter)
        return found

    def _carrier(self, node: Any) -> Node:
        """Return the node of a parameter or header: its own keywords and those of its schema."""
        carrier = self._resolved(node, ())[0]
        schema = self._schema(carrier.get("schema", {}), ())
        facts = _facts(
            carrier,
            "required",
            "style",
            "explode",
            "allowEmptyValue",
            "allowReserved",
            "deprecated",
        )
        schema.facts |= facts
        return schema

    def _contents(self, node: Mapping[str, Any]) -> dict[str, Node]:
        return {
            str(kind): self._schema(media.get("schema", {}), ())
            for kind, media in node.get("content", {}).items()
        }

    def _schema(self, node: Any, seen: tuple[str, ...]) -> Node:
        schema, seen = self._resolved(node, seen)
        if not isinstance(schema, dict):
            return self._node({"schema": schema})
        annotations = ("title", "description", "example", "examples", "properties", "$comment")
        facts = {
            key: value
            for key, value in schema.items()
            if key not in _MEMBERS and key not in annotations and not str(key).startswith("x-")
        }
        found = self._node(facts)
        if isinstance(facts.get("required"), list):
            facts["required"] = sorted(map(str, facts["required"]))
        if isinstance(facts.get("type"), list):
            types = sorted(map(str, facts["type"]))
            facts["type"] = types[0] if len(types) == 1 else types
        if "const" in facts:  # its type says nothing more
            facts.pop("type", None)
        for name, member in schema.get("properties", {}).items():
            found.parts[str(name)] = self._schema(member, seen)
        for word in ("items", "not", "additionalProperties"):
            if word in schema:
                found.parts[word] = self._schema(schema[word], seen)
        for word in ("allOf", "oneOf", "anyOf"):
            for number, member in enumerate(schema.get(word, ()), 1):
                found.parts[f"{word} {number}"] = self._schema(member, seen)
        return found

    def _resolved(self, node: Any, seen: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
        """Return what a node refers to, and the references followed; one that leads back is not."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in seen:
                return {"refers back": len(seen) - seen.index(reference)}, seen
            if not reference.startswith("#/"):
                raise UsageError(f"{self._name} refers to another document: {reference}")
            seen = (*seen, reference)
            node = self._at(reference)
        return node, seen

    def _at(self, reference: str) -> Any:
        target: Any = self._document
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or name not in target:
                raise UsageError(f"{self._name} refers to {reference}, which it does not have")
            target = target[name]
        return target

    def _node(self, facts: dict[str, Any]) -> Node:
        self._count += 1
        if self._count > MOST_NODES:
            raise UsageError(f"{self._name} has more than {MOST_NODES:,} parts")
        return Node(facts)


def _facts(node: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: node[name] for name in names if name in node}


def requirements(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of all ``x-requirements`` that have an id, in the order of the document."""
    if isinstance(document, dict):
        rows = document.get("x-requirements", ())
        yield from (row for row in rows if isinstance(row, dict) and "id" in row) if rows else ()
        for key, value in document.items():
            if key != "x-requirements":
                yield from requirements(value)
    elif isinstance(document, list):
        for value in document:
            yield from requirements(value)
