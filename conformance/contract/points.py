"""The points of the contract that a run can touch: operations, parameters, responses and schemas.

A schema of one value has a point for each kind of value that it allows or refuses: ``minimum``, ``null``,
``not an integer``. They are named in the words of the schema, so that a table of them needs no legend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.text.uuids import is_uuid

Schema = Mapping[str, Any]
Document = Mapping[str, Any]

_INTEGER = re.compile(r"-?[0-9]+")
_LONGEST = 400
"""Digits of a number that is compared with a bound."""
_CONSTRAINTS = ("format", "pattern", "minLength", "maxLength")


def resolved(document: Document, node: Any) -> Any:
    """Return what a node refers to, or the node itself."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def types_of(schema: Schema) -> list[str]:
    """Return the JSON types that a schema allows, as far as ``type`` and ``const`` say."""
    if "const" in schema:
        return [_json_type(schema["const"])]
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else list(found)


def sent_points(schema: Schema, *, required: bool) -> list[str]:
    """Return the points of a parameter: the kinds of values that a request can send.

    :param schema: the schema of the parameter, without references.
    """
    names = [] if required else ["absent"]
    types = types_of(schema)
    if "enum" in schema:
        names += [str(value) for value in schema["enum"]] + ["another value"]
    elif "boolean" in types:
        names += ["true", "false", "not a boolean"]
    elif "integer" in types:
        names += ["an integer"]
        names += [word for word in ("minimum", "maximum") if word in schema]
        names += [f"beyond {word}" for word in ("minimum", "maximum") if word in schema]
        names += ["not an integer"]
    elif schema.get("format") == "uuid":
        names += ["a uuid", "not a uuid"]
    else:
        names += ["a string"]
    return names


def sent(schema: Schema, value: str | bytes) -> list[str]:
    """Return the points of a parameter that a value touches."""
    text = value if isinstance(value, str) else ""
    types = types_of(schema)
    if "enum" in schema:
        return [text if text in map(str, schema["enum"]) else "another value"]
    if "boolean" in types:
        return [text if text in ("true", "false") else "not a boolean"]
    if "integer" in types:
        return _sent_integer(schema, text)
    if schema.get("format") == "uuid":
        return ["a uuid" if is_uuid(text) else "not a uuid"]
    return ["a string"]


def _sent_integer(schema: Schema, text: str) -> list[str]:
    if not _INTEGER.fullmatch(text):
        return ["not an integer"]
    if len(text) > _LONGEST:
        side = "minimum" if text.startswith("-") else "maximum"
        return [f"beyond {side}"] if side in schema else ["an integer"]
    bounds = list(_bounds(schema, int(text)))
    return bounds if any(name.startswith("beyond") for name in bounds) else ["an integer", *bounds]


def _bounds(schema: Schema, number: int) -> Iterator[str]:
    for word, sign in (("minimum", 1), ("maximum", -1)):
        if word in schema:
            distance = sign * (number - schema[word])
            if distance <= 0:
                yield f"beyond {word}" if distance else word


def received_points(schema: Schema) -> list[str]:
    """Return the points of a member of a response: the kinds of values that it can have.

    An object or an array of objects has none of its own but ``empty`` and ``items``: its members have theirs.
    """
    names = []
    for type_ in types_of(schema):
        if type_ == "boolean":
            names += ["true", "false"]
        elif type_ == "array":
            names += ["empty", "items"] + (["maxItems"] if "maxItems" in schema else [])
        elif type_ == "string":
            names.append(_string(schema))
        elif type_ in ("integer", "number"):
            names += [type_, *(word for word in ("minimum", "maximum") if word in schema)]
        elif type_ != "object":
            names.append(type_)
    return names


def received(schema: Schema, value: Any) -> list[str]:
    """Return the points of a member that a value touches. A value of another type touches none."""
    match value:
        case bool():
            return ["true" if value else "false"]
        case None:
            return ["null"]
        case str():
            return [_string(schema)]
        case int() | float():
            kind = "number" if "number" in types_of(schema) else "integer"
            found = [word for word in ("minimum", "maximum") if schema.get(word) == value]
            return [kind, *found]
        case list():
            full = len(value) == schema.get("maxItems", -1)
            return ["items" if value else "empty", *(["maxItems"] if full else [])]
    return []


def _string(schema: Schema) -> str:
    words = [word if word != "format" else schema[word] for word in _CONSTRAINTS if word in schema]
    return f"string ({', '.join(words)})" if words else "string"


def _json_type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "null" if value is None else "object")
