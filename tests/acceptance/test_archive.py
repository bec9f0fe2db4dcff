"""A pack is the same for the same content, and a zip file that is built to do harm is refused."""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.acceptance import archive, names
from conformance.errors import PackError

CONTENTS = {"b.json": b"{}\n" * 1000, "a.html": b"<p>\n"}


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as file:
        warnings.simplefilter("ignore", UserWarning)  # it warns of a name that is there twice
        for entry, data in entries:
            file.writestr(entry, data, zipfile.ZIP_DEFLATED)
        file.comment = comment
    return buffer.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def patched(data: bytes, offset: int, value: bytes) -> bytes:
    """Return a zip file with other bytes in the header of its first file and in its directory."""
    found = bytearray(data)
    central = data.index(b"PK\x01\x02")
    local = data.index(b"PK\x03\x04")
    found[local + offset : local + offset + len(value)] = value
    found[central + offset + 2 : central + offset + 2 + len(value)] = value
    return bytes(found)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    one = archive.packed(CONTENTS)
    assert one == archive.packed(dict(reversed(list(CONTENTS.items()))))
    (tmp_path / "it.zip").write_bytes(one)
    assert archive.unpacked(tmp_path / "it.zip") == CONTENTS
    with zipfile.ZipFile(tmp_path / "it.zip") as file:
        assert [entry.filename for entry in file.infolist()] == ["a.html", "b.json"]
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "a parent directory": (lambda: zipped(("../report.json", b"x")), "'../report.json'"),
    "an absolute path": (lambda: zipped(("/etc/passwd", b"x")), "'/etc/passwd'"),
    "a directory": (lambda: zipped(("folder/report.json", b"x")), "no directories"),
    "a backslash": (lambda: zipped((r"..\report.json", b"x")), "no directories"),
    "an escape sequence": (lambda: zipped(("a\x1b[2J.json", b"x")), r"'a\\x1b[2J.json'"),
    "a hidden file": (lambda: zipped((".profile", b"x")), "'.profile'"),
    "a name twice": (lambda: zipped(("a.json", b"1"), ("a.json", b"2")), "a.json 2 times"),
    "a symbolic link": (lambda: zipped((link("a.json"), b"/etc/passwd")), "a.json is a link"),
    "many files": (lambda: zipped(*((f"{n}.json", b"") for n in range(33))), "33 files"),
    "a bomb": (
        lambda: zipped(("claim.json", b"0" * 70_000)),
        "claim.json has 70,000 bytes, and may have at most 65,536",
    ),
    "a bomb that declares less": (
        # The size before compression, at offset 22 of the header.
        lambda: patched(zipped(("claim.json", b"0" * 70_000)), 22, struct.pack("<I", 100)),
        "cut short",
    ),
    "encryption": (lambda: patched(zipped(("a.json", b"x")), 6, b"\x01\x00"), "is encrypted"),
    "another method": (lambda: patched(zipped(("a.json", b"x")), 8, b"\x0c\x00"), "method"),
    "data before": (lambda: b"#!/bin/sh\n" + zipped(("a.json", b"x")), "outside of its files"),
    "a comment": (lambda: zipped(("a.json", b"x"), comment=b"more"), "outside of its files"),
    "a cut file": (lambda: archive.packed(CONTENTS)[:-40], "not a zip file, or was cut short"),
    "other content": (lambda: b'{"format": 2}', "not a zip file"),
    "nothing": (lambda: b"", "not a zip file"),
    "a wrong checksum": (
        lambda: zipped(("a.json", b"x")).replace(struct.pack("<I", 0x8CDC1683), b"\0\0\0\0"),
        "cut short",
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    make, words = HARMFUL[name]
    path = tmp_path / "it.zip"
    path.write_bytes(make())
    with pytest.raises(PackError) as caught:
        archive.unpacked(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert message.isprintable()
    assert [item.name for item in tmp_path.iterdir()] == ["it.zip"]


def test_no_more_is_read_than_a_file_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is on what is declared, and no more than that is decompressed."""
    read: list[int] = []
    original = zipfile.ZipExtFile.read

    def noted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        read.append(n or -1)
        return original(self, n)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", noted)
    (tmp_path / "it.zip").write_bytes(archive.packed(CONTENTS))
    archive.unpacked(tmp_path / "it.zip")
    assert sorted(read) == [len(b"<p>\n") + 1, 3001]
    assert max(names.LARGEST.values()) <= 2**28


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read: No such file"):
        archive.unpacked(tmp_path / "absent.zip")
    os.mkfifo(tmp_path / "pipe.zip")
    for path in (tmp_path, tmp_path / "pipe.zip", Path("/dev/zero")):
        with pytest.raises(PackError, match="it is not a file"):
            archive.unpacked(path)
    with (tmp_path / "large.zip").open("wb") as file:
        file.truncate(names.LARGEST_PACK + 1)  # a sparse file
    with pytest.raises(PackError, match=r"it has 402,653,185 bytes, and a pack has at most"):
        archive.unpacked(tmp_path / "large.zip")
