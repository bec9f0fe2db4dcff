"""A claim names who claims what and until when; a mistake is named with its member."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.acceptance import claim
from conformance.errors import PackError
from tests.acceptance.conftest import CLAIM

SOUND: dict[str, Any] = {
    "claimant": {"organisation": "Example Health Ltd", "contact": "conformance@example.com"},
    "implementation": {
        "vendor": "Example Health Ltd",
        "product": "Example EHR",
        "version": "4.2.1",
    },
    "valid_until": "2999-05-31",
}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(claim.schema())


def test_json_and_yaml_give_the_same_claim(tmp_path: Path) -> None:
    (tmp_path / "claim.yaml").write_text(CLAIM)
    (tmp_path / "claim.json").write_text(json.dumps({"$schema": "claim.schema.json", **SOUND}))
    one, two = (claim.from_file(tmp_path / f"claim.{kind}") for kind in ("yaml", "json"))
    assert one == two == SOUND
    assert claim.read(claim.dumps(one)) == SOUND


def without(*path: str) -> dict[str, Any]:
    value = json.loads(json.dumps(SOUND))
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return dict(value)


WRONG: dict[str, tuple[Any, str]] = {
    "no contact": (without("claimant", "contact"), "claimant: "),
    "no product": (without("implementation", "product"), '"product" is a required property'),
    "no date": (without("valid_until"), '"valid_until" is a required property'),
    "another member": (SOUND | {"expires": "2999-01-01"}, "'expires' was unexpected"),
    "no such day": (SOUND | {"valid_until": "2026-02-30"}, "not a day of the calendar"),
    "a time": (SOUND | {"valid_until": "2026-02-03T10:00:00Z"}, "valid_until: "),
    "two lines": (SOUND | {"claimant": {"organisation": "A\nB", "contact": "C"}}, "organisation"),
    "an escape sequence": (SOUND | {"statement": "\x1b[2J"}, r"control character: \x1b[2J"),
    "a script": (
        SOUND | {"implementation": SOUND["implementation"] | {"website": "javascript:alert(1)"}},
        "implementation.website: ",
    ),
    "a list": ([SOUND], "this is not an object"),
    "null": (None, "this is not an object"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name: str, tmp_path: Path) -> None:
    value, words = WRONG[name]
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(value))
    with pytest.raises(PackError) as caught:
        claim.from_file(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message.replace('"expires"', "'expires'")
    assert message.isprintable()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("claim.json", "{", "is not JSON"),
        ("claim.json", '{"a": 1, "a": 2}', "twice"),
        ("claim.yaml", "a: [", "it is not YAML"),
        ("claim.yaml", "", "this is not an object"),
        ("claim.yaml", "a: &x [1]\nb: *x", "no aliases"),
        ("claim.yaml", "a: 2026-01-01", "JSON does not have"),
        ("claim.yaml", "x" * 70_000, "at most"),
        ("claim.json", None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_claim_is_refused(
    name: str, content: str | None, words: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(PackError, match=words) as caught:
        claim.from_file(tmp_path / name)
    assert str(caught.value).isprintable()


def test_a_claim_holds_on_its_last_day() -> None:
    held = claim.read(json.dumps(SOUND).encode())
    assert not claim.expired(held, date(2999, 5, 31))
    assert claim.expired(held, date(2999, 6, 1))
