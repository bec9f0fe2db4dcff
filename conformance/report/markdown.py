"""`summary.md`: the first screen for the summary of a job, as GitHub and GitLab show it.

Text from a target is untrusted: nothing in it is read as markup, as a link or as a mention.
"""

from __future__ import annotations

import re

from conformance.report import clock, first, requirements, view
from conformance.report.model import Result
from conformance.text.printable import visible
from conformance.text.wording import shorten

_MARKUP = re.compile(
    r"[\\`*_{}\[\]<>()#+!|~$@&]|:(?=//|[\w+-]+:)|^[-.]|(?<=\d)\.(?= )|(?<=w)\.", re.ASCII
)
_LONGEST = 400
_DETAILS = 5
"""Problems whose reproduction is in the summary; a job summary may have at most 1 MiB."""


def render(result: Result) -> str:
    """Return the summary. The result has been validated."""
    screen = first.of(result)
    lines = [f"## {plain(screen.headline)}", ""]
    if screen.remedy:
        lines += [f"**problem** {plain(result['reason'])}", "", f"→ {plain(screen.remedy)}", ""]
    else:
        lines += [plain(screen.sentence), ""]
    if screen.compared:
        lines += [plain(screen.compared), ""]
    lines += [plain(screen.about), ""]
    lines += [f"> **Warning** {plain(warning)}\n" for warning in result["warnings"]]
    lines += _problems(screen, result)
    unchecked = _unchecked(screen)
    lines += unchecked if screen.is_incomplete else []
    lines += _areas(screen)
    lines += [] if screen.is_incomplete else unchecked
    lines += _details(screen, result)
    if not screen.remedy:
        lines += ["Run again:", "", *_code([screen.again]), ""]
    facts = [view.requests_line(result), clock.duration(result), view.exit_line(result)]
    suite, contract = result["suite"], result["contract"]
    facts.append(f"{suite['name']} {suite['version']}, contract {contract['version']}")
    facts.append(f"sha256 {contract['sha256'][:12]}, seed {result['seed']}")
    lines.append(plain("; ".join(facts)))
    return "\n".join(lines) + "\n"


def _problems(screen: first.First, result: Result) -> list[str]:
    if not screen.problems:
        return []
    lines = ["| | severity | problem | requirements | whose rule |", "|--:|---|---|---|---|"]
    for row in screen.problems:
        ids = ", ".join(_linked(id_, result) for id_ in row.defect["requirements"])
        lines.append(
            f"| {row.number} | {row.severity} | {plain(row.title)} | {ids} | {row.source} |"
        )
    return [*lines, "", plain(screen.whose), ""]


def _linked(id_: str, result: Result) -> str:
    """Return an id, as a link where the label `report-url` says that the report is published."""
    url = requirements.published(result, id_)
    return f"[{id_}]({url})" if url else id_


def _areas(screen: first.First) -> list[str]:
    if not screen.areas:
        return []
    lines = ["| area | | |", "|---|---|---|"]
    lines += [f"| {area.name} | {area.state} | {plain(area.words)} |" for area in screen.areas]
    return [*lines, ""]


def _unchecked(screen: first.First) -> list[str]:
    lines: list[str] = []
    for heading, groups in (
        ("Could not be checked", screen.unchecked),
        ("Recommended requirements not checked", screen.unchecked_advice),
    ):
        if groups:
            lines += [f"### {heading}", ""]
        for group in groups:
            lines += [f"- {group.ids}: {plain(group.reason)}  ", f"  → {plain(group.remedy)}"]
        lines += [""] if groups else []
    return lines


def _details(screen: first.First, result: Result) -> list[str]:
    lines = []
    for row in screen.problems[:_DETAILS]:
        lines += [f"### {row.number}. {plain(row.title)}", ""]
        cause = row.defect["probable_cause"]
        if cause is not None:
            lines += [f"Probable cause: {plain(cause['mechanism'])} {plain(cause['fix'])}", ""]
        lines += [*_code(row.defect["reproduction"]), ""] if row.defect["reproduction"] else []
        for part in (row.card.first, *row.card.others):
            finding = part.findings[0]
            lines.append(
                f"- {_linked(part.requirement['id'], result)}: expected {plain(finding['expected'])}; "
                f"received {plain(finding['received'])}"
            )
        lines.append("")
    return lines


def plain(text: str) -> str:
    """Return a text on one line in which nothing is markup."""
    flat = " ".join(visible(text, keep="\n\t").split())
    return _MARKUP.sub(lambda match: f"&#{ord(match.group())};", shorten(flat, _LONGEST))


def _code(lines: list[str]) -> list[str]:
    """Return lines as a block of code; its fence is longer than any run of backticks in it."""
    shown = [visible(line, keep="\t") for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sh", *shown, fence]
