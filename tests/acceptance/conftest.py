"""A pack of a run, made once, and changed copies of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.acceptance import archive, manifest
from conformance.acceptance.names import MANIFEST, REPORT, TRANSCRIPT
from conformance.acceptance.verify import Verification, verify
from conformance.contract.cases import Case
from conformance.recording import seal
from conformance.report.store import FORMS
from tests.report.conftest import build, conformant, every, hostile, mixed
from tests.support.in_process import call
from tests.support.shared import once

__all__ = ["build", "conformant", "every", "hostile", "mixed"]

CLAIM = """\
claimant: {organisation: Example Health Ltd, contact: conformance@example.com}
implementation: {vendor: Example Health Ltd, product: Example EHR, version: 4.2.1}
valid_until: 2999-05-31
"""


@dataclass(frozen=True)
class Made:
    """The folder of a run with its report in ``report``, and the files of its pack, ``pack.zip``."""

    folder: Path
    contents: Mapping[str, bytes]

    def changed(
        self, path: Path, changes: Mapping[str, bytes | None], *, forged: bool = True
    ) -> Path:
        """Write the pack with other files and return its path.

        :param changes: name of a file → content; None leaves it out.
        :param forged: whether the manifest is made for the other files.
        """
        contents = {**self.contents, **changes}
        if forged:
            del contents[MANIFEST]
        kept = {name: data for name, data in contents.items() if data is not None}
        if forged:
            kept[MANIFEST] = manifest.written(kept)
        path.write_bytes(archive.packed(kept))
        return path

    def edited(self, change: Callable[[Any], object]) -> bytes:
        """Return the report with a change; it stays valid and in the form of this suite."""
        result = json.loads(self.contents[REPORT])
        change(result)
        report.validate(result)
        return FORMS[REPORT](result)

    def transcript(
        self, folder: Path, change: Callable[[Any], object], *, sealed: bool = True
    ) -> bytes:
        """Return the transcript with its run and entries changed, by default with a seal of its own."""
        path = folder / TRANSCRIPT
        path.write_bytes(self.contents[TRANSCRIPT])
        if sealed:
            content = seal.load(path)
            change(content)
            seal.save(content, path)
        else:
            whole = json.loads(path.read_bytes())
            change(whole["log"])
            path.write_bytes(json.dumps(whole).encode())
        return path.read_bytes()


def failed(found: Verification) -> dict[str, str]:
    """Return file → what was found, of what failed."""
    wrong: dict[str, str] = {}
    for check in found.checks:
        if check.state == "failed":
            wrong[check.file] = f"{wrong.get(check.file, '')}\n{check.text}"
    assert found.verified is not bool(wrong)
    return wrong


def passes(result: Any) -> None:
    """Turn a requirement that was not selected into one that passed."""
    item = next(item for item in result["requirements"] if item["outcome"] == "unselected")
    item |= {"outcome": "passed", "reason": None, "exchanges": 3, "cases": ["test_it"]}
    result["totals"]["unselected"] -= 1
    result["totals"]["passed"] += 1


def rewords(result: Any) -> None:
    """Give another reason for an outcome."""
    item = next(item for item in result["requirements"] if item["outcome"] == "unselected")
    item["reason"] = "the vendor promised it"


@pytest.fixture
def verified(cases: list[Case]) -> Callable[..., Verification]:
    """Verifies a pack."""

    def check(path: Path, **options: Any) -> Verification:
        return verify(path, lambda: cases, **options)

    return check


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return once(tmp_path_factory, "made", partial(_made, tmp_path_factory))


def _made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("acceptance")
    (folder / "claim.yaml").write_text(CLAIM)
    ran = call(folder, "run", "--depth", "smoke", "--report-dir", "report", "--quiet")
    assert ran.status == 0, ran.text
    ended = call(folder, "pack", "report", "--claim", "claim.yaml", "-o", "pack.zip")
    assert ended.status == 0, ended.text
    return Made(folder, archive.unpacked(folder / "pack.zip"))
