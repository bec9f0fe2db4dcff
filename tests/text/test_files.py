"""Files that appear complete or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.text.files import link, replacing, write


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert write(path, b"one") == path
    assert write(path, b"two").read_bytes() == b"two"
    assert names(tmp_path) == ["file"]


def test_file_appears_at_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with replacing(path) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b"s")
    assert path.read_bytes() == b"halfs"


def test_exception_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = write(tmp_path / "file", b"old")

    def interrupted() -> None:
        with replacing(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_directory_in_the_place_of_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="file"):
        write(tmp_path / "file", b"new")
    assert names(tmp_path) == ["file"]


def test_link_is_relative_and_replaced(tmp_path: Path) -> None:
    for name in ("one", "two"):
        directory = tmp_path / "elsewhere" / name
        directory.mkdir(parents=True)
        write(directory / "file", name.encode())
    path = tmp_path / "reports" / "latest"
    path.parent.mkdir()
    for name in ("one", "two"):
        link(path, tmp_path / "elsewhere" / name)
        assert path.readlink() == Path("..", "elsewhere", name)
        assert (path / "file").read_bytes() == name.encode()
    assert names(path.parent) == ["latest"]
