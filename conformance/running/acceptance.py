"""What a gate accepts: waivers and a baseline change the exit status of a run, and never its verdict.

The verdict speaks of the target: one that breaks the contract is non-conformant, whoever accepted it. The
exit status speaks to the gate, as it does for an incomplete run with ``--allow-incomplete``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from conformance.comparison import baseline as comparing
from conformance.comparison.compare import identity, place_of
from conformance.comparison.reading import read_report
from conformance.contract.document import Contract
from conformance.contract.verdict import ExitStatus
from conformance.errors import UsageError
from conformance.report import Result, clock
from conformance.report.acceptance import accepted_ids, waived_ids
from conformance.running.settings import Settings
from conformance.text.wording import be, listing, plural
from conformance.waivers.apply import applied
from conformance.waivers.file import NAME, Waiver, read, today

_NAMED = 8


@dataclass(frozen=True)
class Acceptance:
    """The waivers and the baseline of a run, read before its first request."""

    settings: Settings
    waivers: tuple[Waiver, ...] = ()
    path: Path = Path(NAME)
    baseline: Result | None = None

    @classmethod
    def read(cls, settings: Settings, contract: Contract) -> Acceptance:
        """Read what the settings name; ``waivers.yaml`` of the working directory also unnamed.

        :raises UsageError: if a file cannot be used, or the baseline is one of another target.
        """
        path = settings.waivers or Path(NAME)
        waivers: tuple[Waiver, ...] = ()
        if settings.waivers is not None or path.exists():
            waivers = read(path, contract.requirements.keys(), today())
        if settings.baseline is None:
            if settings.fail_on == "new":
                raise UsageError("--fail-on new needs an earlier report: give --baseline")
            return cls(settings, waivers, path)
        baseline = read_report(settings.baseline, "--baseline")
        url = settings.base_url
        if not settings.other_target and identity(baseline) != place_of(
            url or "", embedded=url is None
        ):
            raise UsageError(
                f"--baseline: {settings.baseline} is a report on {identity(baseline)}, and the target is "
                f"{url or 'the embedded server'}: give --other-target if these are deployments of one API"
            )
        return cls(settings, waivers, path, baseline)

    def apply(
        self, result: dict[str, Any], *, silent: bool, redact: Callable[[str], str] = str
    ) -> None:
        """Add the waivers and the baseline to a result, and change its reason and exit status.

        :param silent: whether the target stopped responding before everything was checked.
        """
        result["waivers"] = applied(result, self.waivers, redact)
        sound = cast("Result", result)
        if self.baseline is not None:
            fail_on = self.settings.fail_on
            result["baseline"] = comparing.against(self.baseline, sound, fail_on)
        if not self.waivers and self.baseline is None:
            return
        sentences = [*_waived(sound), *_compared(sound), *self._unused(sound)]
        result["reason"] = " ".join([result["reason"], *sentences])
        result["exit_status"] = int(self._status(sound, silent=silent))

    def _status(self, result: Result, *, silent: bool) -> int:
        status = result["exit_status"]
        if result["verdict"] in ("untestable", "error") or result["interrupted"]:
            return status
        accepted = accepted_ids(result)
        left = [row for row in result["requirements"] if row["id"] not in accepted]
        if any(row["outcome"] == "failed" for row in left):
            return ExitStatus.NON_CONFORMANT
        if silent:
            return ExitStatus.UNTESTABLE
        if any(waiver["state"] == "unused" for waiver in result["waivers"]):
            return ExitStatus.USAGE
        is_open = any(row["outcome"] == "inconclusive" and row["level"] == "must" for row in left)
        nothing = not any(
            row["outcome"] in ("passed", "failed", "warned") for row in result["requirements"]
        )
        if nothing or (is_open and not self.settings.allow_incomplete):
            return ExitStatus.INCOMPLETE
        return ExitStatus.CONFORMANT

    def _unused(self, result: Result) -> Iterator[str]:
        for waiver, given in zip(result["waivers"], self.waivers, strict=True):
            if waiver["state"] == "unused":
                yield (
                    f"{self.path}, line {given.line}: nothing needs the waiver of {given.subject} any more: "
                    "remove it."
                )


def _waived(result: Result) -> Iterator[str]:
    """Yield sentences that name what is waived, and until when."""
    waived = waived_ids(result)
    rows = {row["id"]: row for row in result["requirements"]}
    used = [waiver for waiver in result["waivers"] if waiver["state"] == "used"]
    failed = [w for w in used if w["findings"]]
    gaps = [w for w in used if not w["findings"]]
    if failed:
        parts = [
            f"{w['requirement']} until {w['expires']} ({w['owner']}"
            + ("" if w["requirement"] in waived else ", in part")
            + ")"
            for w in failed
            if w["requirement"] in rows
        ]
        yield f"Waived failures: {listing(parts, _NAMED)}."
    if gaps:
        parts = [f"{w['requirement']} until {w['expires']} ({w['owner']})" for w in gaps]
        yield f"Waived, not checked: {listing(parts, _NAMED)}."


def _compared(result: Result) -> Iterator[str]:
    baseline = result["baseline"]
    if baseline is None:
        return
    labels = ", ".join(f"{name} {text}" for name, text in baseline["labels"].items())
    which = f"{clock.moment(baseline['started_at'])}{f' ({labels})' if labels else ''}"
    musts = {row["id"] for row in result["requirements"] if row["level"] == "must"}

    def ids_of(places: Sequence[Any]) -> set[str]:
        return {place["requirement"] for place in places} & musts

    new, known = ids_of(baseline["new"]), ids_of(baseline["known"])
    fixed = ({item.split("/")[0] for item in baseline["fixed"]} & musts) - new - known
    names = {
        name: listing(sorted(ids), _NAMED) for name, ids in (("fixed", fixed), ("known", known))
    }
    parts = [f"{len(new)} new"] + [
        f"{len(ids)} {name}{f' ({names[name]})' if ids else ''}"
        for name, ids in (("fixed", fixed), ("known", known))
    ]
    yield f"Compared with the run of {which}: {', '.join(parts)}."
    if lost := baseline["lost"]:
        many = plural(len(lost), "requirement")
        yield f"{many} {be(len(lost))} no longer checked: {listing(lost, _NAMED)}."
    if baseline["fail_on"] == "new" and (open_ := baseline["unchecked"]):
        many = plural(len(open_), "mandatory requirement")
        yield f"{many} {be(len(open_))} unchecked in both runs: {listing(open_, _NAMED)}."
