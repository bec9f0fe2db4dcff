"""Packs of other versions of the suite, and files that are no pack."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.acceptance import versions
from conformance.acceptance.names import REPORT, TRANSCRIPT, VERSIONS
from conformance.acceptance.verify import Verification
from conformance.errors import PackError
from tests.acceptance.conftest import Made, failed, passes, rewords
from tests.support.in_process import call


def aged(made: Made, version: str, **changes: Any) -> dict[str, bytes]:
    """Return the files of the pack as an earlier version would have made them."""
    held = json.loads(made.contents[VERSIONS])
    held["suite"] = {"name": held["suite"]["name"], "version": version, "sha256": "0" * 64}
    return {VERSIONS: versions.dumps(held | changes)}


def test_a_pack_of_another_build_is_judged_by_its_outcomes(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    current = json.loads(made.contents[VERSIONS])["suite"]["version"]
    files = aged(made, current) | {REPORT: made.edited(rewords)}
    found = verified(made.changed(tmp_path / "it.zip", files))
    assert found.verified
    notes = " ".join(check.text for check in found.checks if check.state == "note")
    assert "1 text or number of the report differ" in notes
    assert f"verify it with the build of version {current} whose sources have" in notes
    files |= {REPORT: made.edited(passes)}
    wrong = failed(verified(made.changed(tmp_path / "it.zip", files)))
    assert "a difference may come from the version" in wrong[f"{REPORT}, {TRANSCRIPT}"]


def test_a_pack_of_another_version_says_which_one_judges_it_again(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    def older(result: Any) -> None:
        result["suite"]["version"] = "0.1.7"

    def recorded(content: Any) -> None:
        content["run"]["suite"] = "0.1.7"

    files = aged(made, "0.1.7")
    files |= {REPORT: made.edited(older), TRANSCRIPT: made.transcript(tmp_path, recorded)}
    found = verified(made.changed(tmp_path / "it.zip", files))
    assert found.verified, failed(found)
    assert "verify it with version 0.1.7 of this suite" in " ".join(
        item.text for item in found.checks
    )


def test_a_pack_of_a_newer_format_names_the_version_that_reads_it(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    path = made.changed(tmp_path / "it.zip", aged(made, "9.0.0", format=2))
    with pytest.raises(
        PackError, match=r"has format 2.*verify it with the version that made it, 9\.0\.0"
    ):
        verified(path)
    newer = made.contents[REPORT].replace(b'"format": 2', b'"format": 3')
    path = made.changed(tmp_path / "it.zip", aged(made, "9.0.0") | {REPORT: newer})
    with pytest.raises(PackError, match=r"cannot read the report.*with version 9\.0\.0"):
        verified(path)


def test_further_and_missing_files_are_refused(
    made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    with pytest.raises(PackError, match=r"holds install\.sh, which no pack of this version holds"):
        verified(made.changed(tmp_path / "it.zip", {"install.sh": b"rm -rf /"}))
    with pytest.raises(PackError, match=r"lacks report\.html, transcript\.har"):
        verified(made.changed(tmp_path / "it.zip", {"report.html": None, TRANSCRIPT: None}))
    with pytest.raises(PackError, match=r"is no pack: it holds no versions\.json"):
        verified(made.changed(tmp_path / "it.zip", {VERSIONS: None}))


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"{", b'{"format": 1, "suite": [], "libraries": {}}']
)
def test_foreign_versions_are_refused(
    content: bytes, made: Made, tmp_path: Path, verified: Callable[..., Verification]
) -> None:
    with pytest.raises(PackError, match=r"versions\.json: it is cut short or not of this suite"):
        verified(made.changed(tmp_path / "it.zip", {VERSIONS: content}))


def test_the_command_says_in_one_line_why_a_file_is_no_pack(made: Made, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(made.contents[REPORT])
    made.changed(tmp_path / "more.zip", {"install.sh": b"rm -rf /"})
    for name, words in {
        "absent.zip": "No such file",
        "report.json": "not a zip file",
        ".": "it is not a file",
        "more.zip": "install.sh",
    }.items():
        ended = call(tmp_path, "verify", name)
        assert ended.status == 2
        assert words in ended.complaint()
