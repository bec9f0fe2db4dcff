"""Checks a comparison or a history against its JSON Schema before it is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, cast

import jsonschema_rs

from conformance.errors import SuiteError


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``compare`` or ``history``."""
    file = resources.files("conformance.comparison").joinpath(f"{name}.schema.json")
    return cast("dict[str, Any]", json.loads(file.read_text("utf-8")))


def check_schema(document: Mapping[str, Any], name: str) -> None:
    """Check a document.

    :raises SuiteError: if it breaks its schema, which is a defect of this suite.
    """
    error = next(jsonschema_rs.Draft202012Validator(schema(name)).iter_errors(document), None)
    if error is not None:
        where = "/".join(str(part) for part in error.instance_path)
        raise SuiteError(f"the {name} document breaks its schema at {where}: {error.message[:200]}")
