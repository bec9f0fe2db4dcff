"""Files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of ``path`` once the block ends without an exception.

    :raises OSError: if it cannot be written; what was at ``path`` stays.
    """
    with _temporary(path) as temporary, temporary.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write(path: Path, data: bytes) -> Path:
    """Write a file and return its path.

    :raises OSError: if it cannot be written; what was at ``path`` stays.
    """
    with replacing(path) as file:
        file.write(data)
    return path


def link(path: Path, target: Path) -> None:
    """Make ``path`` a relative symbolic link to a directory; a link that exists is replaced.

    :raises OSError: if it cannot be made; what was at ``path`` stays.
    """
    relative = os.path.relpath(target.resolve(), path.parent.resolve())
    with _temporary(path) as temporary:
        temporary.symlink_to(relative, target_is_directory=True)


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Yield a free name in the same directory; what is made there is moved to ``path`` at the end."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        yield temporary
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
