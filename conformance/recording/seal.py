"""A sealed HAR file: a digest shows whether it was cut or edited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any

import harfile

from conformance import __version__
from conformance.errors import TranscriptError
from conformance.recording.convert import converted
from conformance.text import files, strict_json

FORMAT = 2
READABLE = (1, 2)
"""Formats that are read; the older ones are converted."""
OURS = "_conformance"
_CREATOR = "clinician-profiles-conformance"


def save(content: Mapping[str, Any], path: Path) -> None:
    """Write a run and its entries with a seal; the file is replaced as a whole.

    The entries are written one by one and not kept in memory: a transcript may be large.
    """
    with files.replacing(path) as file, TemporaryFile(dir=path.parent) as body:
        seal = _Seal()
        for entry in content["entries"]:
            body.write(b",\n" if seal.count else b"\n")
            body.write(json.dumps(entry).encode())
            seal.add(entry)
        log: dict[str, Any] = {
            "version": harfile.HAR_VERSION,
            "creator": {"name": _CREATOR, "version": __version__},
            "pages": [],
            OURS: {"format": FORMAT, "run": content["run"], "count": seal.count},
        }
        log[OURS]["sha256"] = seal.digest(log)
        file.write(f'{{"log": {json.dumps(log)[:-1]}, "entries": ['.encode())
        body.seek(0)
        copyfileobj(body, file)
        file.write(b"\n]}}\n")


class _Seal:
    """A digest over the entries of a log, then the rest; white space and member order are ignored."""

    def __init__(self) -> None:
        self._entries = sha256()
        self.count = 0

    def add(self, entry: Mapping[str, Any]) -> None:
        """Add the next entry."""
        self._entries.update(_canonical(entry))
        self.count += 1

    def digest(self, log: Mapping[str, Any]) -> str:
        """Return the digest, after all entries."""
        ours = {name: value for name, value in log[OURS].items() if name != "sha256"}
        head = {name: value for name, value in log.items() if name != "entries"} | {OURS: ours}
        return sha256(_canonical([head, self._entries.hexdigest()])).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def load(path: Path) -> dict[str, Any]:
    """Return the run and the entries that :func:`save` wrote.

    :raises TranscriptError: if the file cannot be read or its seal is broken.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise TranscriptError(f"it cannot be read: {problem.strerror}") from None
    if not data.strip():
        raise TranscriptError("it is empty")
    try:
        content = strict_json.loads(data)
    except ValueError as problem:
        raise TranscriptError(f"it was cut short or edited: it {problem}") from None
    log = content.get("log") if isinstance(content, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise TranscriptError("it is not a HAR: it has no log with entries")
    ours = log.get(OURS)
    if not isinstance(ours, dict):
        raise TranscriptError("this suite did not write it: its log has no _conformance member")
    if ours.get("format") not in READABLE:
        raise TranscriptError(
            f"it has format {ours.get('format')!r}, and version {__version__} reads 1 to {FORMAT}: "
            f"replay it with the version that wrote it, {_version(log)}"
        )
    if ours.get("count") != len(log["entries"]):
        raise TranscriptError(
            f"it was edited: it holds {len(log['entries'])} entries and should hold {ours.get('count')}"
        )
    seal = _Seal()
    for entry in log["entries"]:
        seal.add(entry)
    if ours.get("sha256") != seal.digest(log):
        raise TranscriptError("it was edited: its content does not match its SHA-256")
    if len(content) != 1 or not isinstance(ours.get("run"), dict):
        raise TranscriptError(f"it breaks format {ours['format']}")
    content = {"run": ours["run"], "entries": log["entries"]}
    try:
        return converted(content, ours=OURS, old=ours["format"], new=FORMAT)
    except (KeyError, TypeError, AttributeError) as problem:
        raise TranscriptError(f"it breaks format {ours['format']}: {problem!r}") from None


def _version(log: Mapping[str, Any]) -> str:
    creator = log.get("creator")
    version = creator.get("version") if isinstance(creator, dict) else None
    return version if isinstance(version, str) else "which the file does not name"
