"""Settings resolved in a test, and how a bad one is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from conformance.errors import UsageError
from conformance.running.layers import resolve
from conformance.running.settings import FILE, Settings

KEY = "pk_test_Qm4sT9xWb2Lk7Rz1"


URL = "https://api.example.org/api-v1"


KEYS = {"CONFORMANCE_API_KEY": KEY}


def settle(
    tmp_path: Path,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: str = "",
) -> Settings:
    (tmp_path / FILE).write_text(file, "utf-8")
    with patch.dict(os.environ, environment or {}, clear=True):
        return resolve(flags or {}, tmp_path)


def refused(
    tmp_path: Path,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: str = "",
) -> str:
    """The line that a setting is refused with."""
    with pytest.raises(UsageError) as problem:
        settle(tmp_path, flags, environment, file)
    line = str(problem.value)
    assert "\n" not in line
    assert KEY not in line
    return line
