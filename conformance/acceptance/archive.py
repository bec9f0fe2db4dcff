"""A pack as a zip file: the same bytes for the same content, and read within bounds.

Nothing of a pack is unpacked to a path that the pack names, so a name cannot lead out of a directory. Names
that try are refused all the same: another program may unpack the file.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from conformance.acceptance.names import LARGEST, LARGEST_OTHER, LARGEST_PACK
from conformance.errors import PackError
from conformance.text.printable import visible
from conformance.text.wording import shorten

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: a pack has no time of its own."""
_MOST_FILES = 32
_FLAG_ENCRYPTED = 0x1
_UNIX = 3


def packed(contents: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these files, sorted by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, contents[name])
    return buffer.getvalue()


def unpacked(path: Path) -> dict[str, bytes]:
    """Return the files of a pack.

    :raises PackError: if the file cannot be read, is not a zip file, or is built to harm who unpacks it.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PackError("it is not a file")
        if status.st_size > LARGEST_PACK:
            raise PackError(
                f"it has {status.st_size:,} bytes, and a pack has at most {LARGEST_PACK:,}"
            )
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check(archive, entries)
            return {entry.filename: _read(archive, entry) for entry in entries}
    except OSError as problem:
        raise PackError(f"{path}: it cannot be read: {problem.strerror or problem}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise PackError(f"{path}: it is not a zip file, or was cut short: {problem}") from None
    except PackError as problem:
        raise PackError(f"{path}: {problem}") from None


def _check(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_FILES:
        raise PackError(f"it holds {len(entries)} files, and a pack at most {_MOST_FILES}")
    names = Counter(entry.filename for entry in entries)
    for entry in entries:
        # The name as it is in the file: zipfile cuts it at a NUL and replaces backslashes on some systems.
        name, shown = entry.orig_filename, shorten(visible(entry.orig_filename), 60)
        if not _NAME.fullmatch(name) or name != entry.filename:
            raise PackError(
                f"it holds {shown!r}: a pack has no directories, and names of letters, digits, dots and "
                "hyphens only"
            )
        if names[name] > 1:
            raise PackError(f"it holds {shown} {names[name]} times")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise PackError(
                f"{shown} is a link or another special file, and not a file with content"
            )
        if entry.flag_bits & _FLAG_ENCRYPTED:
            raise PackError(f"{shown} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PackError(f"{shown} is compressed by another method than deflate")
        most = LARGEST.get(name, LARGEST_OTHER)
        if entry.file_size > most:
            raise PackError(f"{shown} has {entry.file_size:,} bytes, and may have at most {most:,}")
    if archive.comment or (entries and min(entry.header_offset for entry in entries)):
        raise PackError("it holds data outside of its files")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content of a file, never more than its entry declares."""
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise PackError(
            f"{entry.filename} does not have the {entry.file_size:,} bytes that it declares"
        )
    return data
