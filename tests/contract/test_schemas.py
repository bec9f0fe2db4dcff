"""What the schemas of the document refuse: formats that are not those named, and data of an error."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from conformance.contract.document import load

WRONG = {
    "date-time": ["yesterday", "2024-01-10", "2024-01-10T09:00:00", "2024-02-30T09:00:00Z", ""],
    "uuid": ["123", "123e4567-e89b-12d3-a456-42661417400g", "123e4567e89b12d3a456426614174000", ""],
    "uri": ["photos/sarah.jpg", "https://example.com/a b", "//example.com/x", ""],
}
RIGHT = {
    "date-time": ["2024-01-10T09:00:00Z", "2024-01-10T09:00:00.123456+01:00"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000"],
    "uri": ["https://example.com/photos/sarah-johnson.jpg", "data:image/png;base64,AA=="],
}


@pytest.mark.parametrize("name", WRONG)
def test_formats_are_checked(name: str) -> None:
    """Without jsonschema's format extra every text is valid as a date-time or a URI."""
    schema = {"type": "string", "format": name}
    checked = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [value for value in WRONG[name] if checked.is_valid(value)] == []
    assert [value for value in RIGHT[name] if not checked.is_valid(value)] == []


def test_data_of_an_error_is_null() -> None:
    """`type: 'null'` alone would say the same, but openapi-generator fails on it."""
    error = {"data": None, "meta": {"request_id": "r"}, "error": {"code": "A", "message": "b"}}
    assert load().problems("ErrorEnvelope", error) == []
    others: list[object] = [{}, [], "", False, {"id": "1"}]
    for wrong in others:
        assert load().problems("ErrorEnvelope", error | {"data": wrong}), wrong
    assert load().problems("ErrorEnvelope", {name: error[name] for name in ("meta", "error")})
