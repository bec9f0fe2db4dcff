"""Verifies a pack on any machine: the manifest, the seal, the transcript judged again, the forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, cast

import conformance
from conformance.acceptance import archive, claim, manifest, page, signature, versions
from conformance.acceptance.comparing import STATEMENTS
from conformance.acceptance.evidence import contradictions
from conformance.acceptance.names import (
    CLAIM,
    CONTRACT,
    MANIFEST,
    OPTIONAL,
    PAGE,
    READ,
    REPORT,
    REQUIRED,
    SIGNATURE,
    TRANSCRIPT,
    VERSIONS,
)
from conformance.contract.cases import Case
from conformance.contract.document import load
from conformance.errors import PackError, ReportError
from conformance.report import validate
from conformance.report.model import Result
from conformance.report.store import FORMS
from conformance.text import strict_json
from conformance.text.wording import listing, plural, shorten

State = Literal["ok", "note", "warning", "failed"]
_MOST = 5


@dataclass(frozen=True)
class Check:
    """One thing that was checked: the file that it is about, and what was found."""

    file: str
    state: State
    text: str


@dataclass
class Verification:
    """What was found in a pack. ``result`` and ``claim`` are None if the pack holds none that can be read."""

    checks: list[Check] = field(default_factory=list)
    result: Result | None = None
    claim: claim.Claim | None = None

    @property
    def verified(self) -> bool:
        """Whether nothing contradicts the pack."""
        return all(check.state != "failed" for check in self.checks)

    def add(self, file: str, state: State, text: str) -> None:
        """Add what was found."""
        self.checks.append(Check(file, state, text))


def verify(
    path: Path,
    cases: Callable[[], Sequence[Case]],
    *,
    allowed_signers: Path | None = None,
    today: date | None = None,
) -> Verification:
    """Verify a pack. Nothing is sent, and nothing is written.

    :param cases: returns the cases of the suite.
    :param allowed_signers: whose signatures count, in the format of ``ssh-keygen``.
    :param today: the day on which a claim must hold; by default the current one, in UTC.
    :raises PackError: if the file is no pack that this suite can read.
    """
    contents = archive.unpacked(path)
    made_by = _versions(path, contents)
    found = Verification()
    listed = manifest.read(contents[MANIFEST])
    edited = dict(manifest.differences(contents, listed))
    for name, text in edited.items():
        found.add(name, "failed", text)
    if not edited:
        found.add(
            MANIFEST, "ok", f"{plural(len(listed), 'file')} have the checksums of the manifest"
        )
    _signature(found, contents, allowed_signers)
    _contract(found, contents, made_by)
    result = found.result = _report(found, contents, made_by)
    if result is not None:
        _evidence(found, contents, result, made_by, cases())
    _claim(found, contents, today)
    if result is not None:
        _statements(found, result)
        _forms(found, contents, result, made_by)
    return found


def _versions(path: Path, contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the versions of a pack whose files are those of a pack."""
    try:
        if VERSIONS not in contents:
            raise PackError(f"it is no pack: it holds no {VERSIONS}")
        made_by = versions.read(contents[VERSIONS])
        same = _same_build(made_by)
        by = _by(made_by) if same else f"{_by(made_by)}: {_with(made_by)}"
        if further := sorted(contents.keys() - REQUIRED - READ - OPTIONAL):
            raise PackError(f"it holds {listing(further, 3)}, which this suite does not know; {by}")
        if missing := sorted((REQUIRED | READ if same else REQUIRED) - contents.keys()):
            raise PackError(f"it lacks {listing(missing, 3)}; {by}")
    except PackError as problem:
        raise PackError(f"{path}: {problem}") from None
    return made_by


def _by(made_by: Mapping[str, Any]) -> str:
    return f"version {made_by['suite']['version']} of this suite made it"


def _same_build(made_by: Mapping[str, Any]) -> bool:
    return bool(made_by["suite"] == versions.here()["suite"])


def _with(made_by: Mapping[str, Any]) -> str:
    """Return with what a pack can be judged again, to the letter."""
    version = made_by["suite"]["version"]
    if version != conformance.__version__:
        return f"verify it with version {version} of this suite (this is {conformance.__version__})"
    digest = made_by["suite"]["sha256"]
    return f"verify it with the build of version {version} whose sources have SHA-256 {digest}"


def _signature(found: Verification, contents: Mapping[str, bytes], allowed: Path | None) -> None:
    sums, signed = contents[MANIFEST], contents.get(SIGNATURE)
    if allowed is not None:
        if not signature.available():
            raise PackError(f"--allowed-signers: {signature.ABSENT}")
        if not allowed.is_file():
            raise PackError(f"--allowed-signers: {allowed} is not a file")
    if signed is None:
        if allowed is not None:
            found.add(SIGNATURE, "failed", "the pack is not signed")
        else:
            found.add(SIGNATURE, "note", "the pack is not signed: no one vouches for its claim")
    elif allowed is not None:
        try:
            who = signature.signer(sums, signed, allowed)
        except PackError as problem:
            found.add(SIGNATURE, "failed", f"the signature is not accepted: {problem}")
        else:
            found.add(SIGNATURE, "ok", f"signed by {who}")
    elif not signature.available():
        found.add(SIGNATURE, "note", f"the signature is not checked: {signature.ABSENT}")
    elif why := signature.problem_without_signers(sums, signed):
        found.add(SIGNATURE, "failed", f"it is not a signature of this manifest: {why}")
    else:
        found.add(
            SIGNATURE, "note", "signed, by whom is not checked: name who may with --allowed-signers"
        )


def _contract(
    found: Verification, contents: Mapping[str, bytes], made_by: Mapping[str, Any]
) -> None:
    ours = sha256(contents[CONTRACT]).hexdigest() == load().sha256
    if ours:
        found.add(CONTRACT, "ok", f"the contract of this suite, version {load().version}")
    elif _same_build(made_by):
        found.add(
            CONTRACT,
            "failed",
            "it was edited: it is not the contract of the suite that made the pack",
        )
    else:
        found.add(CONTRACT, "note", f"not the contract of this suite; {_by(made_by)}")


def _report(
    found: Verification, contents: Mapping[str, bytes], made_by: Mapping[str, Any]
) -> Result | None:
    """Return the report; None if it was cut, was edited or contradicts itself."""
    try:
        value = strict_json.loads(contents[REPORT])
        validate(value, REPORT)
    except ReportError as problem:
        if made_by["suite"]["version"] != conformance.__version__:
            raise PackError(
                f"this suite cannot read the report ({problem}): {_with(made_by)}"
            ) from None
        found.add(REPORT, "failed", "; ".join(problem.problems[:_MOST]))
        return None
    except ValueError as problem:
        found.add(REPORT, "failed", f"it was cut short or edited: it {problem}")
        return None
    result = cast("Result", value)
    packed = sha256(contents[CONTRACT]).hexdigest()
    if result["contract"]["sha256"] != packed:
        found.add(CONTRACT, "failed", f"its SHA-256 is not the one that {REPORT} was judged by")
    if result["suite"]["version"] != made_by["suite"]["version"]:
        found.add(VERSIONS, "failed", f"it names another version of the suite than {REPORT}")
    return result


def _evidence(
    found: Verification,
    contents: Mapping[str, bytes],
    result: Result,
    made_by: Mapping[str, Any],
    cases: Sequence[Case],
) -> None:
    with TemporaryDirectory() as folder:
        transcript = Path(folder, TRANSCRIPT)
        transcript.write_bytes(contents[TRANSCRIPT])
        against = contradictions(result, transcript, cases)
    exact = _same_build(made_by)
    remedy = "" if exact else f"; a difference may come from the version: {_with(made_by)}"
    if against.transcript is not None:
        found.add(TRANSCRIPT, "failed", shorten(against.transcript, 300) + remedy)
        return
    names = f"{REPORT}, {TRANSCRIPT}"
    if against.run:
        found.add(names, "failed", _first(against.run))
    if against.shows_data:
        found.add(TRANSCRIPT, "warning", "it holds data as the target sent them, and no pseudonyms")
    wrong = against.outcomes + (against.details if exact else ())
    if wrong:
        found.add(names, "failed", f"one of the two was edited: {_first(wrong)}{remedy}")
        return
    count, sent = len(result["requirements"]), plural(result["requests"]["sent"], "request")
    follows = f"the verdict and {count} outcomes follow from the transcript ({sent})"
    if exact:
        found.add(names, "ok", f"{follows}, and so does every finding")
    else:
        found.add(names, "ok", follows)
        texts = plural(len(against.details), "text or number", "texts or numbers")
        others = f", {texts} of the report differ"
        found.add(
            names, "note", f"{_by(made_by)}{others if against.details else ''}: {_with(made_by)}"
        )


def _first(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - _MOST} more" if len(problems) > _MOST else ""
    return "; ".join(problems[:_MOST]) + more


def _claim(found: Verification, contents: Mapping[str, bytes], today: date | None) -> None:
    if CLAIM not in contents:
        found.add(CLAIM, "note", "the pack makes no claim")
        return
    try:
        found.claim = claim.read(contents[CLAIM])
    except PackError as problem:
        found.add(CLAIM, "failed", str(problem).removeprefix(f"{CLAIM}: "))
        return
    until = found.claim["valid_until"]
    if claim.expired(found.claim, today):
        found.add(CLAIM, "warning", f"the claim was valid until {until}: ask for a newer pack")
    else:
        found.add(CLAIM, "ok", f"valid until {until}; a claim is a statement of the claimant")


def _statements(found: Verification, result: Result) -> None:
    """Say what of a report no transcript can confirm."""
    if result["target"]["embedded"]:
        found.add(
            REPORT, "warning", "the run judged the reference server of this suite, and no product"
        )
    stated = [name for name in sorted(STATEMENTS) if result.get(name)]
    if stated:
        found.add(REPORT, "note", f"{listing(stated, 3)}: statements of the user who made the run")


def _forms(
    found: Verification, contents: Mapping[str, bytes], result: Result, made_by: Mapping[str, Any]
) -> None:
    """Check that what people read says what `report.json` says."""
    if not _same_build(made_by):
        found.add(PAGE, "note", f"the other forms of the report are not compared: {_with(made_by)}")
        return
    made = {name: make(result) for name, make in FORMS.items() if name != REPORT}
    if CLAIM not in contents or found.claim is not None:
        made[PAGE] = page.render(result, found.claim, made_by)
    wrong = [name for name, data in made.items() if contents[name] != data]
    sources = f"{REPORT}, {CLAIM} and {VERSIONS}"
    for name in wrong:
        of = sources if name == PAGE else REPORT
        found.add(name, "failed", f"it was edited: it does not follow from {of}")
    if not wrong:
        found.add(", ".join(made), "ok", f"made from {REPORT}, unchanged")
