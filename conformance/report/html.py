"""`report.html`: the report on one page that loads nothing from a network.

Text from a target is untrusted. The template escapes all of it, invisible characters become visible escapes,
and a content security policy allows no script but the page's own, in case one of the first two fails.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.report import acceptance, clock, view
from conformance.report.model import LEVELS, OUTCOMES, Result
from conformance.text.printable import visible
from conformance.text.uuids import UUID
from conformance.text.wording import plural

_LAYOUT = "\n\t"
_UUID = re.compile(f"({UUID})")


def render(result: Result) -> str:
    """Return the page. The result has been validated."""
    failed, warned = view.cards(result, "failed"), view.cards(result, "warned")
    values = {
        **_assets(),
        "result": result,
        "outcomes": OUTCOMES,
        "areas": view.area_rows(result),
        "failed": failed,
        "warned": warned,
        "cards": _places(failed + warned),
        "inconclusive": [
            (level, view.by_reason(result, "inconclusive", level)) for level in LEVELS
        ],
        "waived": view.by_reason(result, "waived"),
        "unselected": view.by_reason(result, "unselected"),
        "accepted": acceptance.notes(result),
        "waivers": acceptance.waiver_lines(result),
        "requirements": view.by_area(result),
        "meaning": view.meaning(result),
        "facts": _facts(result),
    }
    return _environment().get_template("report.html.j2").render(values)


def _places(cards: list[view.Card]) -> dict[str, str]:
    """Return id of a requirement → id of the first defect that breaks it."""
    return {
        id_: card.defect["id"]
        for card in reversed(cards)
        for id_ in reversed(card.defect["requirements"])
    }


def _facts(result: Result) -> list[tuple[str, str, str]]:
    """Return the name, the value and the small print of each fact about the run."""
    target, contract, suite, requests = (
        result["target"],
        result["contract"],
        result["suite"],
        result["requests"],
    )
    identity = requests["by_identity"]
    each = (f"{view.IDENTITIES[name]} {count:,}" for name, count in identity.items())
    software = f"Python {suite['python']}, schemathesis {suite['schemathesis']}"
    embedded = ["embedded reference server"] if target["embedded"] else []
    labels = view.labels_line(result)
    return [
        ("Target", target["base_url"], ", ".join([*embedded, view.keys_line(result)])),
        *([("Labels", labels, "")] if labels else []),
        ("Directory", view.directory_line(result), ""),
        ("Requests", view.requests_line(result), ", ".join(each)),
        (
            "Contract",
            f"{contract['title']} {contract['version']}",
            f"requirements of {contract['requirements']}, sha256 {contract['sha256']}",
        ),
        (
            "Run",
            f"{result['depth']} depth, seed {result['seed']}",
            f"{clock.moment(result['started_at'])}, {clock.duration(result)}",
        ),
        ("Suite", f"{suite['name']} {suite['version']}", f"{software}, {view.exit_line(result)}"),
    ]


@cache
def _environment() -> Environment:
    environment = page_environment("conformance.report")
    environment.filters["value"] = view.value_text
    environment.globals["sources"] = view.SOURCES
    environment.globals["identities"] = view.IDENTITIES
    environment.globals["levels"] = view.LEVELS
    environment.globals["labels"] = view.OUTCOMES
    environment.globals["most_findings"] = view.MOST_FINDINGS
    environment.filters["reason"] = view.reason_of
    environment.filters["ids"] = _unbroken_ids
    return environment


def page_environment(package: str) -> Environment:
    """Return the template environment for the pages of a package.

    Every page is made with it, so that text from a server is escaped in one place. A missing name is
    an error.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters["plural"] = plural
    environment.filters["prose"] = _prose
    return environment


def _finalize(value: Any) -> Any:
    # Jinja calls this for every expression of a template.
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, keep=_LAYOUT)
    return value


def _prose(text: str) -> Markup:
    """Return a text as HTML, with the parts between backticks as code."""
    parts = [escape(visible(part, keep=_LAYOUT)) for part in text.split("`")]
    if len(parts) % 2 == 0:  # a single backtick is only a backtick
        parts[-2:] = [Markup("`").join(parts[-2:])]
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if n % 2 else p for n, p in enumerate(parts))


def _unbroken_ids(text: str) -> Markup:
    """Return a text as HTML in which no line ends inside a UUID: a browser breaks after a hyphen."""
    parts = _UUID.split(visible(text, keep=_LAYOUT))
    uuid = Markup('<span class="uuid">{}</span>')
    return Markup("").join(uuid.format(p) if n % 2 else escape(p) for n, p in enumerate(parts))


@cache
def _assets() -> dict[str, Markup]:
    loader = _environment()
    script = _source(loader, "report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return {
        "style": Markup(_source(loader, "report.css")),  # noqa: S704 - our own files
        "script": Markup(script),  # noqa: S704
        "script_hash": Markup(digest),  # noqa: S704
    }


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
