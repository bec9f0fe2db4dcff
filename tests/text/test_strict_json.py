"""The strict JSON parser."""

from __future__ import annotations

import json

import pytest

from conformance.text import strict_json

BROKEN = [
    (b"", "is not JSON: Expecting value"),
    (b'{"data": 1', "is not JSON: Expecting"),
    (b'{"data": 1} {}', "is not JSON: Extra data"),
    (b'{"data": ' + b"9" * 10_000 + b"}", "is not JSON: "),
    (b"[" * 100_000 + b"]" * 100_000, "is not JSON: "),
    (b"\xef\xbb\xbf{}", "starts with a byte order mark"),
    (b'{"name": "\xff"}', "is not UTF-8: invalid start byte at byte 10"),
    ("{}".encode("utf-16"), "is not UTF-8: "),
    (b'{"name": "\xed\xa0\x80"}', "is not UTF-8: "),
]


@pytest.mark.parametrize(("data", "problem"), BROKEN, ids=range(len(BROKEN)))
def test_text_that_cannot_be_parsed_has_a_problem_and_no_value(data: bytes, problem: str) -> None:
    value, found = strict_json.parse(data).value, strict_json.parse(data).problem
    assert value is None
    assert found is not None
    assert found.startswith(problem)
    assert "\n" not in found


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_are_a_problem_and_leave_a_value(constant: str) -> None:
    parsed = strict_json.parse(f'{{"data": [1, {constant}]}}'.encode())
    assert parsed == strict_json.Parsed(
        {"data": [1, None]}, f"contains {constant}, which is not JSON"
    )


def test_repeated_members_are_a_problem_and_the_last_value_counts() -> None:
    parsed = strict_json.parse(b'{"a": [{"z": 1, "b": 2, "z": 3, "b": 4}]}')
    assert parsed.value == {"a": [{"z": 3, "b": 4}]}
    assert parsed.problem == "has the member 'b' twice in one object"


@pytest.mark.parametrize("value", [{}, [], None, {"é": "\U0001f600", "a": {"a": 1.5}}])
def test_strict_json_has_no_problem(value: object) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    assert strict_json.parse(data) == strict_json.Parsed(value, None)
    assert strict_json.loads(data) == value


def test_loads_raises_the_problem() -> None:
    with pytest.raises(ValueError, match=r"\Ahas the member 'a' twice in one object\Z"):
        strict_json.loads(b'{"a": 1, "a": 1}')
