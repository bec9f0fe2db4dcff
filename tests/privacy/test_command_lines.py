"""A line to paste holds no personal data, and its own words stay: a profile may hold the same ones."""

from __future__ import annotations

import shlex

import pytest

from conformance.privacy.masking import Mask, is_technical
from conformance.privacy.personal_data import PersonalData
from tests.support.masked import exchange

KEY = '-H "Authorization: Bearer $CONFORMANCE_API_KEY"'
URL = "http://target/api-v1/clinician-profiles"
ROWS = [
    {
        "id": "near 'Rewrite",
        "name": "Ann O'Request",
        "display_name": "Rewrite",
        "role": "select length",
        "registration_number": "21847",
    }
]
MASK = Mask(PersonalData([exchange({"data": ROWS, "meta": {}})]), "target")


@pytest.mark.parametrize(
    "line",
    [
        f"curl -sS -o /dev/null -D - {KEY} {URL} | grep -ci '^x-request-id:'",
        f"curl -sS {KEY} -H 'X-Rewrite-URL: /clinician-profiles' {URL}",
        f"curl -sS {KEY} {URL} | jq '[.data[] | select(.role == null)] | length'",
        f"curl -sS {KEY} {URL} | jq 'any(.data[]; .id == \"é-'\"'\"'x\")'",
        f'WORD=$(curl -sS {KEY} {URL}); curl -sS {KEY} -H "If-None-Match: $ETAG" "{URL}?search=$WORD"',
    ],
)
def test_the_words_of_the_suite_stay_in_a_line(line: str) -> None:
    assert MASK.line(line) == line


@pytest.mark.parametrize(
    "part",
    [
        "-H 'Cookie: who=Rewrite'",
        """-H 'If-None-Match: Ann O'"'"'Request'""",
        """| grep -oF -e 'Ann O'"'"'Request' | wc -l""",
        """| grep -qxF -e 'Ann O'"'"'Request' && echo yes || echo no""",
        """| jq '.data | has("Ann O'"'"'Request")'""",
    ],
)
def test_what_a_line_quotes_of_the_target_is_masked(part: str) -> None:
    line = MASK.line(f"curl -sS {KEY} {URL} {part}")
    assert "masked-" in line
    assert "Request" not in line.replace("X-Request", "")
    assert "=Rewrite" not in line
    assert len(shlex.split(line)) > 3


def test_an_id_that_the_target_made_up_is_masked_as_a_parameter() -> None:
    assert "Rewrite" not in MASK.url(f"{URL}?location_id=near%20%27Rewrite&limit=1")
    assert MASK.url(f"{URL}?location_id=Rewrite") == f"{URL}?location_id=Rewrite"


def test_a_technical_header_stays_though_a_profile_holds_its_number() -> None:
    assert MASK.header("content-length", "21847") == "21847"
    assert MASK.header("x-request-id", "21847") != "21847"
    assert not is_technical("date", "Ann O'Request")
