"""UUIDs as the contract writes them."""

from __future__ import annotations

import pytest

from conformance.text.uuids import is_uuid

SOME = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize("text", [SOME, SOME.upper(), "00000000-0000-0000-0000-000000000000"])
def test_uuids(text: str) -> None:
    assert is_uuid(text)


@pytest.mark.parametrize(
    "text",
    [
        "", SOME.replace("-", ""), f"{{{SOME}}}", f"urn:uuid:{SOME}", f"{SOME}\n", f" {SOME}",
        SOME[:-1], f"{SOME}0", SOME.replace("e", "g"), SOME.replace("1", "１"),
        "123e4567e-89b-12d3-a456-426614174000",
    ],
)  # fmt: skip
def test_other_notations_and_broken_ones_are_not_uuids(text: str) -> None:
    assert not is_uuid(text)
