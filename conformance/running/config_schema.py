"""The JSON Schema of ``conformance.toml``, for editors; run as a module, it writes the file of the package.

It is made from the table of settings. It says what an editor can know: names, types, bounds. What a value
means is checked when a run starts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.contract.document import load
from conformance.contract.requirements import AREAS, Level
from conformance.http.limits import RATE
from conformance.running import values
from conformance.running.setting import Setting
from conformance.running.table import TABLE
from conformance.text.uuids import UUID

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The newest draft that editors of TOML read."""

_TEXT = {"type": "string", "pattern": r"\S"}


def _one_or_several(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a list that may be written as one text."""
    return {"anyOf": [dict(item), {"type": "array", "minItems": 1, "items": dict(item)}]}


def _names() -> dict[str, Any]:
    """Return the schema of names of requirements; an editor offers those that exist."""
    contract = load()
    levels = [level.value for level in Level]
    known = [*levels, *AREAS.values(), *AREAS, *contract.requirements]
    some = {"type": "string", "pattern": r"^[A-Za-z0-9-]+([ ,]+[A-Za-z0-9-]+)*$"}
    return _one_or_several({"anyOf": [{"enum": known}, some]})


_SHAPES: Mapping[Callable[[Any, str], Any], Callable[[], dict[str, Any]]] = {
    values.base_url: lambda: {"type": "string", "pattern": r"^\s*https?://[^\s/?#@]+[^\s?#@]*\s*$"},
    values.boolean: lambda: {"type": "boolean"},
    values.depth: lambda: {"enum": ["smoke", "standard", "deep"]},
    values.fail_on: lambda: {"enum": ["any", "new"]},
    values.file: lambda: dict(_TEXT),
    values.files: lambda: {"type": "string", "pattern": r"^[^,]*[^\s,][^,]*(,[^,]+)?$"},
    values.headers: lambda: _one_or_several({"type": "string", "pattern": r"^[^\s:]+\s*:.*\S"}),
    values.key_file: lambda: dict(_TEXT),
    values.labels: lambda: _one_or_several(
        {"type": "string", "pattern": r"^\s*[A-Za-z0-9][A-Za-z0-9._/-]{0,62}\s*=.*\S"}
    ),
    values.names: _names,
    values.path: lambda: dict(_TEXT),
    values.rate: lambda: {"type": "string", "pattern": f"^{RATE}$"},
    values.requirements: lambda: {"enum": list(load().requirement_sets)},
    values.seconds: lambda: {"type": "number", "minimum": 0, "maximum": values.LONGEST_WAIT},
    values.uuids: lambda: _one_or_several({"type": "string", "pattern": f"^{UUID}$"}),
}
"""Parser of a setting → what of its values an editor can check."""


def schema() -> dict[str, Any]:
    """Return the schema of ``conformance.toml``."""
    return {
        "$schema": DRAFT,
        "$id": "urn:clinician-profiles-conformance:config:1",
        "title": "conformance.toml",
        "description": "Settings of conformance run. Options and the environment come first.",
        "type": "object",
        "additionalProperties": False,
        "properties": {row.name: _property(row) for row in TABLE if "file" in row.layers},
    }


def _property(row: Setting) -> dict[str, Any]:
    default = f" Default: {row.default}." if row.default else ""
    return {"description": f"{row.help}{default}"} | _shape(row)


def _shape(row: Setting) -> dict[str, Any]:
    parse = row.parse
    if isinstance(parse, values.Integer):
        found: dict[str, Any] = {"type": "integer", "minimum": parse.least}
        return found if parse.most is None else found | {"maximum": parse.most}
    return _SHAPES[parse]()


def text() -> str:
    """Return the content of the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(text(), "utf-8")
