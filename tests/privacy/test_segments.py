"""A segment of a path: other characters in it, and the spelling of the rest unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.privacy.segments import decoded, respelled

SEGMENTS = [
    *("abc", "a%62c", "-12;a=%F0%9F%A9%BA.json", "%zz", "%", "%2", "%%41", "%25s%25n", "a%2Fb"),
    *("%00", "%C3%28", "%ff%fe", "é", "%E2%82", "%25zz"),
]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_same_text_leaves_a_segment_as_it_is(segment: str) -> None:
    assert respelled(segment, decoded(segment)) == segment


@given(st.text(alphabet="ab%/;=é0🩺1F9", max_size=20))
def test_any_segment_stays_as_it_is(segment: str) -> None:
    assert respelled(segment, decoded(segment)) == segment


@pytest.mark.parametrize(
    ("segment", "text", "wanted"),
    [
        ("-12;a=%F0%9F%A9%BA", "-98;a=🩺", "-98;a=%F0%9F%A9%BA"),
        ("%61%62", "xb", "x%62"),
        ("%C3%A9a", "öa", "%C3%B6a"),
        ("%zzab", "%zzxy", "%zzxy"),
        ("%25s%25n", "%j%b", "%25j%25b"),
    ],
)
def test_what_is_replaced_is_encoded_and_the_rest_keeps_its_spelling(
    segment: str, text: str, wanted: str
) -> None:
    assert respelled(segment, text) == wanted
    assert decoded(wanted) == text
