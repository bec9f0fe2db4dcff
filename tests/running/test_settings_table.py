"""The documents hold the table of settings as the code has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.running.settings_table import markdown, updated
from conformance.running.table import TABLE
from tests.support.processes import ROOT

PAGE = ROOT / "docs" / "usage.md"


def test_the_page_holds_the_current_table() -> None:
    text = PAGE.read_text("utf-8")
    assert updated(text) == text, "run make docs"


def test_every_setting_has_one_row() -> None:
    rows = markdown().splitlines()[2:]
    assert len(rows) == len(TABLE)
    for row, setting in zip(rows, TABLE, strict=True):
        assert setting.variable in row or setting.flag in row
        assert row.count(" | ") == 3


def test_a_page_without_marks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lacks"):
        updated("# A page\n")
