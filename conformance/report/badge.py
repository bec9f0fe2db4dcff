"""`badge.json`: the verdict as a badge, in the format that endpoints of shields.io return."""

from __future__ import annotations

import json

from conformance.report.model import Result

_COLOURS = {
    "conformant": "brightgreen",
    "non-conformant": "red",
    "incomplete": "yellow",
    "untestable": "lightgrey",
    "error": "lightgrey",
}


def render(result: Result) -> bytes:
    """Return the document. The result has been validated."""
    document = {
        "schemaVersion": 1,
        "label": "conformance",
        "message": _message(result),
        "color": _COLOURS[result["verdict"]],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _message(result: Result) -> str:
    totals = result["totals"]
    match result["verdict"]:
        case "conformant":
            return f"{totals['passed']} of {totals['passed'] + totals['warned']} passed"
        case "non-conformant":
            return f"{totals['failed']} failed"
        case verdict:
            return verdict
