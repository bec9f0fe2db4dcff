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


BOUNDS = strict_json.Bounds(depth=3, values=12, members=4, digits=5)
BEYOND = [
    (b"[[[[]]]]", "nests deeper than 3 levels"),
    (b'["[[[[[", [{}]]', None),
    (b"[[[]], [[]], [[]]]", None),
    (b"[0,0,0,0,0,0,0,0,0,0,0]", None),
    (b"[0,0,0,0,0,0,0,0,0,0,0,0]", "has more than 12 values"),
    (b'["' + b"," * 100 + b'"]', None),
    (b'[{"a":1,"b":2,"c":3,"d":4}]', None),
    (b'{"a":1,"b":2,"c":3,"d":4,"e":5}', "has more than 4 members in one object"),
    (b"[12345, -1234, 1.234]", None),
    (b"[123456]", "has a number of more than 5 digits"),
    (b"[1e307, 1e-99]", None),
    (b"[1e308]", "has a number that 64 bits cannot hold (IEEE 754)"),
    (b"[1e9999]", "has a number of more than 5 digits"),
]


@pytest.mark.parametrize(("data", "problem"), BEYOND, ids=range(len(BEYOND)))
def test_a_text_beyond_a_bound_has_no_value(data: bytes, problem: str | None) -> None:
    parsed = strict_json.parse(data, BOUNDS)
    assert (parsed.problem, parsed.excess) == (problem, problem is not None)
    assert (parsed.value is None) is parsed.excess
    assert strict_json.parse(data).value is not None


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    data = rb'{"\ud800": ["\udFFFa", "\ud83d\ude00", "\\ud800"]}'
    parsed = strict_json.parse(data, BOUNDS)
    assert parsed == strict_json.Parsed({"\ufffd": ["\ufffda", "\U0001f600", "\\ud800"]}, None)


def test_a_repeated_name_is_cut() -> None:
    name = b"x" * 1000
    parsed = strict_json.parse(b'{"' + name + b'": 1, "' + name + b'": 2}')
    assert parsed.problem is not None
    assert len(parsed.problem) < 120
