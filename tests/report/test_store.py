"""A report on disk is complete, and an incomplete one is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ReportError
from conformance.report import read, store, write

Result = dict[str, Any]


def test_a_written_report_is_read_back(tmp_path: Path, every: dict[str, Any]) -> None:
    for name, result in every.items():
        paths = write(result, tmp_path / name / "deeper")
        assert [path.name for path in paths] == list(store.FORMS)
        assert read(paths[0]) == result
        assert read(paths[0].parent) == result
        assert sorted(paths) == sorted(paths[0].parent.iterdir()), "nothing else is left behind"


def test_the_sample_has_this_format() -> None:
    sample = read(Path(__file__).parents[2] / "reports" / "sample")
    assert sample["verdict"] == "conformant"
    assert sample["requests"]["by_protocol"] == {"HTTP/1.1": sample["requests"]["sent"]}


def test_the_order_of_members_does_not_change_the_file(tmp_path: Path, mixed: Any) -> None:
    path = write(mixed, tmp_path)[0]
    first = path.read_bytes()
    assert first.endswith(b"}\n")
    assert json.loads(first.decode("utf-8")) == mixed
    write(dict(reversed(list(mixed.items()))), tmp_path)  # type: ignore[arg-type]
    assert path.read_bytes() == first


def test_an_invalid_result_does_not_replace_a_report(tmp_path: Path, mixed: Any) -> None:
    path = write(mixed, tmp_path)[0]
    before = path.read_bytes()
    with pytest.raises(ReportError):
        write(mixed | {"verdict": "conformant"}, tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", range(0, 100, 10))
def test_a_truncated_report_is_refused(tmp_path: Path, mixed: Any, share: int) -> None:
    path = write(mixed, tmp_path)[0]
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * share // 100])
    with pytest.raises(ReportError, match=r"empty|cut short") as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).isprintable()


def test_a_report_cut_at_any_byte_is_refused(tmp_path: Path, mixed: Any) -> None:
    path = write(mixed, tmp_path)[0]
    data = path.read_bytes()
    for length in range(0, len(data) - 2, 97):
        path.write_bytes(data[:length])
        with pytest.raises(ReportError):
            read(path)


@pytest.mark.parametrize(
    "content",
    [
        b" \n", b"null\n", b"[]", b"{}", b"\xff\xfe{}", b'{"format": NaN}', b"<html>",
        b'{"format": 1, "format": 1}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_content_that_is_not_a_report_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(ReportError):
        read(path)


def test_an_edited_report_is_refused(tmp_path: Path, mixed: Any) -> None:
    path = write(mixed, tmp_path)[0]
    text = path.read_text("utf-8")
    path.write_text(text.replace('"outcome": "failed"', '"outcome": "waived"', 1), "utf-8")
    with pytest.raises(ReportError, match="totals"):
        read(path)


def test_a_missing_report_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path)


def test_a_file_in_place_of_the_directory_is_an_oserror(tmp_path: Path, mixed: Any) -> None:
    place = tmp_path / "taken"
    place.write_text("here first")
    with pytest.raises(OSError, match="taken"):
        write(mixed, place)


def test_a_failed_write_keeps_the_old_report(
    tmp_path: Path, mixed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(mixed, tmp_path)[0]
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(mixed | {"seed": 7}, tmp_path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == len(store.FORMS), "no temporary file is left"


def test_a_report_with_hostile_text_is_utf8(tmp_path: Path, hostile: Any) -> None:
    for path in write(hostile, tmp_path):
        path.read_bytes().decode("utf-8")
    assert json.loads(store.dumps(hostile)) == hostile
