"""Reports name nobody: what profiles hold becomes masks, equal for equal values."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.contract import load
from conformance.faults import catalogue
from conformance.faults.trial import collect, serving
from conformance.masking import Mask
from conformance.run import run
from conformance.settings import Settings

ROWS = [
    {
        "name": "Dr Ann Example",
        "display_name": "Dr A. Example",
        "email": "ann_example@example.org",
        "registration_number": "7654321",
        "photo_url": "https://example.org/ann.jpg",
        "first_name": "Ann",
        "last_name": "Example",
        "bio": "sails",
        "role": None,
    }
]


def masked(text: str, salt: str = "target") -> str:
    return Mask(ROWS, salt).text(text)


@pytest.mark.parametrize(
    "value",
    ["Dr Ann Example", "ann_example@example.org", "7654321", "https://example.org/ann.jpg"],
)
def test_what_is_somebodys_is_masked_wherever_it_stands(value: str) -> None:
    text = masked(f"came {value!r}, again {value}")
    assert value not in text
    assert len(set(re.findall(r"masked-[a-z-]+-[0-9a-f]{8}", text))) == 1


def test_equal_stays_equal_and_another_target_has_other_masks() -> None:
    assert masked("7654321") == masked("7654321") != masked("7654321", "another")


@pytest.mark.parametrize("term", ["example", "EXAMPLE", "Ann", "ann_example%40example.org"])
def test_a_search_term_that_a_profile_holds_is_masked_in_a_url(term: str) -> None:
    text = masked(f"curl -sS 'http://target/clinician-profiles?search={term}&limit=100'")
    assert term not in text
    assert text.endswith("&limit=100'")


@pytest.mark.parametrize("term", ["zqxjkvwpf", "sails", "o%27zqx"])
def test_other_terms_stay_as_they_are(term: str) -> None:
    url = f"http://target/clinician-profiles?search={term}"
    assert masked(url) == url


def test_a_report_names_nobody_unless_it_is_asked_to(tmp_path: Path) -> None:
    faults = {item.name: item for item in catalogue.load(load()).faults}
    cases = collect()
    with serving(faults["email-not-searched"]) as target:
        settings = Settings(target.base_url, target.own_key, target.other_key)
        for name, show in (("masked", False), ("shown", True)):
            run(
                Settings(**{**vars(settings), "report_dir": tmp_path / name, "show_data": show}),
                cases,
            )
    for file in ("report.json", "report.html", "junit.xml"):
        assert "example.nhs.uk" not in (tmp_path / "masked" / file).read_text("utf-8")
    shown = json.loads((tmp_path / "shown" / "report.json").read_text("utf-8"))
    assert "example.nhs.uk" in json.dumps(shown["requirements"])
