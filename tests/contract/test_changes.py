"""What changed between two contracts, and the version step that each kind of change calls for."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contract.changes import Change, Comparison, Step, compare
from conformance.contract.document import document_path
from conformance.contract.outline import Outline
from conformance.errors import UsageError
from tests.support.in_process import call

Document = dict[str, Any]


def small() -> Document:
    """Return a document with a requirement, a parameter, a header and a schema that contains itself."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1.0.0"},
        "x-requirements": [{"id": "A-01", "level": "should", "source": "seed", "text": "One."}],
        "paths": {
            "/things": {
                "get": {
                    "operationId": "list",
                    "parameters": [{"$ref": "#/components/parameters/Limit"}],
                    "responses": {
                        "200": {
                            "description": "ok",
                            "headers": {"X-Id": {"schema": {"type": "string"}}},
                            "content": {
                                "application/json": {"schema": {"$ref": "#/components/schemas/T"}}
                            },
                        }
                    },
                }
            }
        },
        "components": {
            "parameters": {
                "Limit": {
                    "name": "limit",
                    "in": "query",
                    "schema": {"type": "integer", "maximum": 9},
                }
            },
            "schemas": {
                "T": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string"},
                        "more": {"type": "array", "items": {"$ref": "#/components/schemas/T"}},
                    },
                }
            },
        },
    }


def changed(edit: Callable[[Document], object]) -> Comparison:
    new = copy.deepcopy(small())
    edit(new)
    return compare(small(), new, names=("old", "new"))


def operation(document: Document) -> Document:
    found: Document = document["paths"]["/things"]["get"]
    return found


def limit(document: Document) -> Document:
    found: Document = document["components"]["parameters"]["Limit"]
    return found


def thing(document: Document) -> Document:
    found: Document = document["components"]["schemas"]["T"]
    return found


def row(document: Document) -> Document:
    found: Document = document["x-requirements"][0]
    return found


NEW_ROW = {"id": "A-02", "level": "must", "source": "seed", "text": "Two."}
LIMIT = "GET /things query parameter limit"
BODY = "GET /things response 200 application/json"


@pytest.mark.parametrize(
    ("edit", "place", "what", "step"),
    [
        (lambda d: d["x-requirements"].append(NEW_ROW), "A-02", "added", Step.MINOR),
        (lambda d: d["x-requirements"].clear(), "A-01", "removed", Step.MAJOR),
        (lambda d: row(d).update(level="must"), "A-01", "level", Step.MAJOR),
        (lambda d: row(d).update(text="Uno."), "A-01", "text", Step.PATCH),
        (lambda d: row(d).update(source="decided"), "A-01", "source", Step.PATCH),
        (lambda d: row(d).update(not_tested="no key"), "A-01", "not_tested", Step.PATCH),
        (lambda d: d["paths"].pop("/things"), "/things", "removed", Step.MAJOR),
        (lambda d: d["paths"].update({"/new": {"get": operation(d)}}), "/new", "added", Step.MINOR),
        (
            lambda d: d["paths"]["/things"].update(post={"responses": {}}),
            "POST /things",
            "added",
            Step.MINOR,
        ),
        (lambda d: operation(d).update(operationId="all"), "GET /things", "operationId", Step.MAJOR),
        (lambda d: operation(d).pop("parameters"), LIMIT, "removed", Step.MAJOR),
        (lambda d: limit(d).update(required=True), LIMIT, "required", Step.MAJOR),
        (lambda d: limit(d)["schema"].update(maximum=8), LIMIT, "maximum", Step.MAJOR),
        (lambda d: limit(d)["schema"].pop("maximum"), LIMIT, "maximum", Step.MAJOR),
        (
            lambda d: operation(d)["parameters"].append({"name": "q", "in": "query"}),
            "GET /things query parameter q",
            "added",
            Step.MINOR,
        ),
        (
            lambda d: operation(d)["parameters"].append({"name": "q", "in": "query", "required": True}),
            "GET /things query parameter q",
            "added",
            Step.MAJOR,
        ),
        (
            lambda d: operation(d)["responses"].update({"404": {"description": "none"}}),
            "GET /things response 404",
            "added",
            Step.MINOR,
        ),
        (
            lambda d: operation(d)["responses"]["200"].pop("headers"),
            "GET /things response 200 header X-Id",
            "removed",
            Step.MAJOR,
        ),
        (lambda d: thing(d)["properties"].pop("more"), f"{BODY} more", "removed", Step.MAJOR),
        (lambda d: thing(d)["properties"].update(x={}), f"{BODY} x", "added", Step.MINOR),
        (lambda d: thing(d).update(required=[]), BODY, "required", Step.MAJOR),
        (
            lambda d: thing(d)["properties"]["id"].update(type=["string", "null"]),
            f"{BODY} id",
            "type",
            Step.MAJOR,
        ),
        (lambda d: d.update(security=[{"key": []}]), "the API", "security", Step.MAJOR),
        (lambda d: thing(d).update(description="Words."), "the document", "words", Step.PATCH),
    ],
)  # fmt: skip
def test_each_change_is_found_and_calls_for_its_step(
    edit: Callable[[Document], object], place: str, what: str, step: Step
) -> None:
    found = changed(edit)
    (change,) = found.changes
    assert (change.place, change.what, change.step) == (place, what, step)
    assert found.needed is step
    assert not found.suffices


def test_what_was_not_tested_and_now_is_can_fail() -> None:
    old = small()
    row(old)["not_tested"] = "no key"
    (change,) = compare(old, small(), names=("old", "new")).changes
    assert change == Change("requirement", "A-01", "not_tested", Step.MINOR, "no key", None)


def test_forms_that_say_the_same_are_no_change() -> None:
    def edit(document: Document) -> None:
        document["components"]["schemas"]["Renamed"] = document["components"]["schemas"].pop("T")
        text = json.dumps(document).replace(
            "#/components/schemas/T", "#/components/schemas/Renamed"
        )
        document.clear()
        document.update(json.loads(text))
        renamed = document["components"]["schemas"]["Renamed"]
        renamed["properties"]["id"]["type"] = ["string"]

    found = changed(edit)
    assert [change.what for change in found.changes] == ["words"]


@pytest.mark.parametrize(
    ("version", "suffices"),
    [
        ("1.0.0", False),
        ("1.0.1", False),
        ("1.1.0", True),
        ("2.0.0", True),
        ("0.9.0", False),
        ("x", False),
    ],
)
def test_the_version_has_to_make_the_step(version: str, suffices: bool) -> None:
    def edit(document: Document) -> None:
        document["info"]["version"] = version
        document["x-requirements"].append(NEW_ROW)

    assert changed(edit).suffices is suffices


def test_this_contract_is_the_same_as_itself_and_a_row_less_is_one_change(tmp_path: Path) -> None:
    document = yaml.safe_load(document_path().read_text("utf-8"))
    again = copy.deepcopy(document)
    assert compare(document, again, names=("a", "b")).changes == ()
    again["x-requirements"] = again["x-requirements"][1:]
    (change,) = compare(document, again, names=("a", "b")).changes
    assert (change.place, change.what) == ("ROB-01", "removed")
    assert len(Outline(document, "a").tree().parts) == 2


def test_the_command_prints_text_and_json(tmp_path: Path) -> None:
    new = small()
    row(new)["level"] = "must"
    new["info"]["version"] = "1.1.0"
    (tmp_path / "old.json").write_text(json.dumps(small()))
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(new))
    ended = call(tmp_path, "contract", "diff", "old.json", "new.yaml")
    assert ended.status == 1
    assert "major  A-01  level: should -> must" in ended.out
    assert "call for a major step, but 1.0.0 to 1.1.0 is a minor step" in ended.out
    document = json.loads(call(tmp_path, "contract", "diff", "old.json", "new.yaml", "--json").out)
    assert (document["needed"], document["made"], document["suffices"]) == ("major", "minor", False)
    assert document["changes"] == [
        {
            "kind": "requirement", "place": "A-01", "what": "level", "step": "major",
            "before": "should", "after": "must",
        }
    ]  # fmt: skip
    same = call(tmp_path, "contract", "diff", "old.json", "old.json")
    assert (same.status, same.out) == (0, "Nothing changed from 1.0.0 to 1.0.0\n")


def nested(depth: int) -> str:
    lines = ["openapi: 3.1.0", "info: {version: 1.0.0}", "paths: {}", "a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, depth)]
    return "\n".join(lines)


BAD = {
    "empty": ("", "is not an OpenAPI document of version 3"),
    "not YAML": ("a: [", "is neither YAML nor JSON (line "),
    "a list": ("[1]", "is not an OpenAPI document of version 3"),
    "Swagger 2": ("swagger: '2.0'", "is not an OpenAPI document of version 3"),
    "without paths": ("openapi: 3.1.0\ninfo: {}", "has no paths"),
    "without info": ("openapi: 3.1.0\npaths: {}", "has no info"),
    "paths of another kind": (
        "openapi: 3.1.0\ninfo: {}\npaths: {/a: 1}",
        "is not a valid OpenAPI document",
    ),
    "a dead reference": (
        "openapi: 3.1.0\ninfo: {}\npaths: {/a: {$ref: '#/b'}}",
        "refers to #/b, which it does not have",
    ),
    "another file": (
        "openapi: 3.1.0\ninfo: {}\npaths: {/a: {$ref: 'b.yaml'}}",
        "refers to another document: b.yaml",
    ),
    "aliases of aliases": (nested(30), "values, or contains itself"),
    "itself": ("&a\nopenapi: 3.1.0\ninfo: {}\npaths: {/a: *a}", "values, or contains itself"),
    "binary": ("\x00\x01", "is neither YAML nor JSON"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_bad_input_is_one_line_and_status_2(tmp_path: Path, name: str) -> None:
    content, words = BAD[name]
    (tmp_path / "good.json").write_text(json.dumps(small()))
    (tmp_path / "bad.yaml").write_text(content)
    for pair in (("bad.yaml", "good.json"), ("good.json", "bad.yaml")):
        ended = call(tmp_path, "contract", "diff", *pair)
        assert ended.status == 2
        assert ended.out == ""
        assert ended.err.count("\n") == 1
        assert words in ended.err
        assert "bad.yaml" in ended.err


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for name in ("no.yaml", "."):
        ended = call(tmp_path, "contract", "diff", name, name)
        assert (ended.status, ended.err.count("\n")) == (2, 1)
        assert "cannot be read" in ended.err


def test_a_schema_that_contains_itself_ends() -> None:
    with pytest.raises(UsageError, match="new is not a valid"):
        compare(small(), small() | {"paths": {"/a": {"get": []}}}, names=("old", "new"))
    assert changed(len).changes == ()
