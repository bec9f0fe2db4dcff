"""Makes a pack from the report of a run. A report that its transcript contradicts is not packed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import conformance
from conformance.acceptance import archive, claim, manifest, page, signature, versions
from conformance.acceptance.evidence import contradictions
from conformance.acceptance.names import (
    CLAIM,
    CONTRACT,
    LARGEST,
    MANIFEST,
    PAGE,
    SIGNATURE,
    TRANSCRIPT,
    VERSIONS,
)
from conformance.comparison.reading import read_report
from conformance.contract.cases import Case
from conformance.contract.document import document_path, load
from conformance.errors import PackError
from conformance.report.model import Result
from conformance.report.store import FORMS
from conformance.text import files


def pack(
    directory: Path,
    cases: Sequence[Case],
    *,
    claimed: Path | None = None,
    output: Path | None = None,
    key: Path | None = None,
) -> Path:
    """Write a pack and return its path.

    :param directory: the report directory of a run, with its transcript, or report.json in it.
    :param claimed: a file with the claim.
    :param output: the file to write; by default beside the directory, with its name.
    :param key: signs the pack.
    :raises UsageError: if the report, the claim or the key cannot be used. Nothing is written then.
    """
    statement = claim.from_file(claimed) if claimed is not None else None
    if statement is not None and claim.expired(statement):
        raise PackError(
            f"{claimed}: valid_until: {statement['valid_until']} is in the past: a pack would be expired"
        )
    result = read_report(directory, "REPORT")
    directory = directory if directory.is_dir() else directory.parent
    transcript = directory / TRANSCRIPT
    _check(result, directory, transcript, cases)
    contents = {name: make(result) for name, make in FORMS.items()}
    contents[TRANSCRIPT] = transcript.read_bytes()
    contents[CONTRACT] = document_path().read_bytes()
    contents[VERSIONS] = versions.dumps(versions.here())
    if statement is not None:
        contents[CLAIM] = claim.dumps(statement)
    contents[PAGE] = page.render(result, statement, versions.here())
    sums = manifest.written(contents)
    if key is not None:
        contents[SIGNATURE] = signature.signed(sums, key)
    contents[MANIFEST] = sums
    resolved = directory.resolve()
    path = output or resolved.with_name(f"{resolved.name}.zip")
    try:
        return files.write(path, archive.packed(contents))
    except OSError as problem:
        raise PackError(f"{path} cannot be written: {problem.strerror}") from None


def _check(result: Result, directory: Path, transcript: Path, cases: Sequence[Case]) -> None:
    """Check that a report can be packed by this suite, and follows from its transcript."""
    if result["interrupted"] or result["verdict"] == "error":
        why = (
            "was interrupted"
            if result["interrupted"]
            else "ended with an error of the suite itself"
        )
        raise PackError(f"{directory}: the run {why}, and a pack holds a complete run: run again")
    made_by = result["suite"]["version"]
    if made_by != conformance.__version__:
        raise PackError(
            f"{directory}: version {made_by} of this suite made the report, and this is version "
            f"{conformance.__version__}: pack it with that one"
        )
    if result["contract"]["sha256"] != load().sha256:
        raise PackError(
            f"{directory}: the report was judged by another openapi.yaml than that of this suite: "
            "run again, or pack it with the build that made it"
        )
    if not transcript.is_file():
        raise PackError(
            f"{transcript} does not exist: a pack needs the transcript of the run, which --no-transcript "
            "leaves out"
        )
    if transcript.stat().st_size > LARGEST[TRANSCRIPT]:
        raise PackError(f"{transcript} has more than {LARGEST[TRANSCRIPT]:,} bytes")
    found = contradictions(result, transcript, cases)
    if found.transcript is not None:
        raise PackError(f"{transcript}: {found.transcript}")
    if found.shows_data:
        raise PackError(
            f"{directory}: the run was made with --show-data, and a pack holds no personal data: run again "
            "without it"
        )
    if found.first is not None:
        raise PackError(
            f"{directory}: the report does not follow from its transcript, or another build of version "
            f"{made_by} made it: {found.first}"
        )
