"""Fixtures of the doctor's tests."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.support.in_process import call
from tests.support.servers import Run


@pytest.fixture
def run_here(tmp_path: Path) -> Run:
    """Runs the command in the process of the test, in the test's own folder."""
    return partial(call, tmp_path)
