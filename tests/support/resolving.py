"""Resolve settings in a test, and read the error for an invalid one."""

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


def settings_from(
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
    """Return the one line of the error for an invalid setting."""
    with pytest.raises(UsageError) as problem:
        settings_from(tmp_path, flags, environment, file)
    line = str(problem.value)
    assert "\n" not in line
    assert KEY not in line
    return line
