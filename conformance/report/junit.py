"""`junit.xml`: a test suite for each area, a test case for each requirement.

The file has a failure or an error if and only if the exit status of the command is not 0, so that a pipeline
that reads only this file gets the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree

from conformance.report import acceptance, clock, first, requirements, view
from conformance.report.model import Defect, Finding, Requirement, Result
from conformance.report.remedies import untestable
from conformance.text.printable import visible

_LAYOUT = "\n\t"


def render(result: Result) -> bytes:
    """Return the document, as UTF-8 with an XML declaration. The result has been validated."""
    root = ElementTree.Element("testsuites", name=_safe(result["suite"]["name"]))
    seconds = f"{clock.seconds(result):.3f}"
    counts: Counter[str] = Counter()
    ids, notes = acceptance.accepted_ids(result), acceptance.notes(result)
    for area, rows in view.by_area(result).items():
        suite = _suite(root, area, result)
        for requirement in rows:
            broken_by = [
                defect
                for defect in result["defects"]
                if requirement["id"] in defect["requirements"]
            ]
            accepted = notes.get(requirement["id"], "") if requirement["id"] in ids else None
            allowed = result["exit_status"] == 0
            _case(suite, requirement, broken_by, accepted, allowed=allowed)
        counts += _count(suite)
    if result["exit_status"] and not counts["failure"] and not counts["error"]:
        # Untestable, interrupted or broken before a mandatory requirement was judged: never green.
        suite = _suite(root, "run", result)
        item = ElementTree.SubElement(suite, "testcase", classname="run", name="verdict")
        message = f"{result['verdict']}: {result['reason']}"
        if result["verdict"] == "untestable":
            message += f" -> {untestable(result['reason'])}"
        ElementTree.SubElement(item, "error", message=_safe(message), type=result["verdict"])
        counts += _count(suite)
    _set_counts(root, counts)
    root.attrib.pop("skipped")  # the schema of Jenkins allows it on a test suite only
    root.set("time", seconds)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _suite(root: ElementTree.Element, name: str, result: Result) -> ElementTree.Element:
    suite = ElementTree.SubElement(root, "testsuite", name=name)
    suite.set("timestamp", _safe(result["started_at"]))
    properties = ElementTree.SubElement(suite, "properties")
    facts = {
        "verdict": result["verdict"],
        "exit_status": str(result["exit_status"]),
        "reason": result["reason"],
        "headline": first.headline(result),
        "run again": first.again(result),
        "target": result["target"]["base_url"],
        "depth": result["depth"],
        "seed": str(result["seed"]),
        "contract.version": result["contract"]["version"],
        "contract.requirements": result["contract"]["requirements"],
        "contract.sha256": result["contract"]["sha256"],
        "suite.version": result["suite"]["version"],
    }
    facts |= {f"label.{name}": text for name, text in result["labels"].items()}
    if result["warnings"]:
        facts["warnings"] = " ".join(result["warnings"])
    for key, value in facts.items():
        ElementTree.SubElement(properties, "property", name=key, value=_safe(value))
    return suite


def _case(
    suite: ElementTree.Element,
    requirement: Requirement,
    defects: Sequence[Defect],
    accepted: str | None,
    *,
    allowed: bool,
) -> None:
    item = ElementTree.SubElement(
        suite,
        "testcase",
        classname=requirement["area"],
        name=_safe(f"{requirement['id']} {requirement['text']}"),
    )
    reason = _safe(view.reason_of(requirement))
    evidence = _evidence(requirement, defects)
    match requirement["outcome"]:
        case "failed" | "inconclusive" as outcome if accepted is not None:
            label = "failed" if outcome == "failed" else f"could not be checked: {reason}"
            message = _safe(f"{label}; accepted: {accepted or 'neither run could check it'}")
            ElementTree.SubElement(item, "skipped", message=message)
            _element(item, "system-out", evidence)
        case "failed":
            found = requirement["findings"][0]
            message = f"expected {found['expected']}; received {found['received']}"
            if defects:
                message = f"{defects[0]['severity']}: {defects[0]['title']}"
            message = _safe(message)
            _element(item, "failure", evidence, message=message, type=requirement["level"])
        case "inconclusive" if requirement["level"] == "must" and not allowed:
            message = f"could not be checked: {reason}"
            _element(item, "error", evidence, message=message, type="inconclusive")
        case "inconclusive" | "waived" | "unselected" as outcome:
            label = "could not be checked" if outcome == "inconclusive" else view.OUTCOMES[outcome]
            ElementTree.SubElement(item, "skipped", message=f"{label}: {reason}")
            if requirement["findings"]:
                _element(item, "system-out", evidence)
        case "warned":
            _element(item, "system-out", f"recommended requirement not met\n{evidence}")
        case "passed":
            pass


def _evidence(requirement: Requirement, defects: Sequence[Defect]) -> str:
    level, source = view.LEVELS[requirement["level"]], view.SOURCES[requirement["source"]]
    blocks = [
        _safe(f"{requirement['id']} ({level}, {source}) {requirement['text']}")
        + f"\n{requirements.link(requirement['id'])}"
    ]
    for defect in defects:
        cause = defect["probable_cause"]
        lines = [f"problem {defect['id']} ({defect['severity']}): {defect['title']}"]
        if cause is not None:
            lines += [f"probable cause: {cause['mechanism']}", f"fix: {cause['fix']}"]
        if defect["reproduction"]:
            lines += ["reproduce:", *defect["reproduction"]]
        blocks.append("\n".join(_safe(line) for line in lines))
    blocks += [_finding(finding) for finding in requirement["findings"]]
    return "\n\n".join(blocks)


def _finding(finding: Finding) -> str:
    lines = {
        "expected": finding["expected"],
        "received": finding["received"],
        "detail": finding["detail"],
        "case": finding["case"],
        "fingerprint": finding["fingerprint"],
        "request id": finding["request_id"],
        "reproduce": finding["curl"],
    }
    return "\n".join(
        f"{key}: {_safe(value, keep=_LAYOUT)}" for key, value in lines.items() if value
    )


def _safe(text: str, keep: str = "") -> str:
    return visible(text, keep=keep)


def _element(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = text


def _count(suite: ElementTree.Element) -> Counter[str]:
    counts = Counter(
        {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
    )
    counts["tests"] = len(suite.findall("testcase"))
    _set_counts(suite, counts)
    return counts


def _set_counts(element: ElementTree.Element, counts: Counter[str]) -> None:
    element.set("tests", str(counts["tests"]))
    element.set("failures", str(counts["failure"]))
    element.set("errors", str(counts["error"]))
    element.set("skipped", str(counts["skipped"]))
