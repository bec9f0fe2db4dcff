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

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from conformance.report import acceptance, clock, coverage, first, requirements, timeline, view
from conformance.report.model import OUTCOMES, Result
from conformance.text.printable import visible
from conformance.text.uuids import UUID
from conformance.text.wording import plural

_LAYOUT = "\n\t"
_LINKED = re.compile(rf"\bexchange (\d{{1,7}})\b|({UUID})")


def render(result: Result) -> str:
    """Return the page. The result has been validated."""
    screen = first.of(result)
    exchanges = result.get("exchanges", [])
    incidents = [incident["exchange"] for incident in result["incidents"]]
    is_judged = bool(screen.areas)
    values = {
        **_assets(),
        "result": result,
        "screen": screen,
        "outcomes": OUTCOMES,
        "cards": _places([*screen.problems, *screen.advice]),
        "waived": view.by_reason(result, "waived") if is_judged else [],
        "unselected": view.by_reason(result, "unselected") if is_judged else [],
        "accepted": acceptance.notes(result),
        "waivers": acceptance.waiver_lines(result),
        "requirements": view.by_area(result) if is_judged else {},
        "bar": _bar(result) if is_judged else [],
        "meaning": view.meaning(result),
        "facts": _facts(result),
        "coverage": coverage.rows(result) if is_judged else [],
        "exchanges": exchanges,
        "known": frozenset(exchange["number"] for exchange in exchanges),
        "timeline": timeline.of(exchanges, incidents),
    }
    return load_template().render(values)


def load_template() -> Template:
    """Return the template of the page; it is compiled once, which takes longer than to fill it in."""
    return _environment().get_template("report.html.j2")


def _places(rows: list[first.Problem]) -> dict[str, str]:
    """Return id of a requirement → id of the first defect that breaks it."""
    return {
        id_: row.defect["id"]
        for row in reversed(rows)
        for id_ in reversed(row.defect["requirements"])
    }


def _bar(result: Result) -> list[tuple[str, float, float]]:
    """Return outcome, start and width of each part of the bar, in percent."""
    parts, start = [], 0.0
    for outcome in ("failed", "warned", "inconclusive", "waived", "unselected", "passed"):
        count = result["totals"][outcome]
        width = 100 * count / max(1, result["totals"]["requirements"])
        if count:
            parts.append((outcome, round(start, 2), round(width, 2)))
        start += width
    return parts


def _facts(result: Result) -> list[tuple[str, str, str]]:
    """Return the name, the value and the small print of each fact about the run."""
    target, contract, suite, requests = (
        result["target"],
        result["contract"],
        result["suite"],
        result["requests"],
    )
    identity = requests["by_identity"]
    each = (f"{text} {identity[name]:,}" for name, text in view.IDENTITIES.items())  # type: ignore[literal-required]
    software = f"Python {suite['python']}, schemathesis {suite['schemathesis']}"
    embedded = ["embedded reference server"] if target["embedded"] else []
    labels = view.labels_line(result)
    return [
        ("Target", target["base_url"], ", ".join([*embedded, view.keys_line(result)])),
        *([("Labels", labels, "")] if labels else []),
        ("Directory", view.directory_line(result), ""),
        ("Requests", view.requests_line(result), ", ".join(each)),
        ("Requests by area", _by_area(result), ""),
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


def _by_area(result: Result) -> str:
    rows = [row for row in view.area_rows(result) if row.requests]
    return ", ".join(f"{row.name} {row.requests:,}" for row in rows) or "none"


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
    environment.filters["said"] = _linked
    environment.filters["path"] = _path
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
    environment.filters["page"] = requirements.link
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


def _linked(text: str, known: frozenset[int] = frozenset()) -> Markup:
    """Return a text as HTML: exchanges are links, and no line ends inside a UUID.

    :param known: the numbers of the exchanges on the page.
    """
    parts = _LINKED.split(visible(text, keep=_LAYOUT))
    found = []
    for index in range(0, len(parts) - 2, 3):
        plain, number, uuid = parts[index : index + 3]
        found.append(escape(plain))
        if uuid:
            found.append(Markup('<span class="uuid">{}</span>').format(uuid))
        elif number and int(number) in known:
            found.append(Markup('<a href="#x{0}">exchange {0}</a>').format(number))
        elif number:
            found.append(escape(f"exchange {number}"))
    return Markup("").join([*found, escape(parts[-1])])


def _path(url: str) -> str:
    """Return a URL without its scheme and host."""
    parts = url.split("/", 3)
    return f"/{parts[3]}" if len(parts) == 4 else url


@cache
def _assets() -> dict[str, Markup]:
    loader = _environment()
    script, style = _source(loader, "report.js"), _source(loader, "report.css")
    return {
        "style": Markup(style),  # noqa: S704 - our own files
        "script": Markup(script),  # noqa: S704
        "style_hash": _digest(style),
        "script_hash": _digest(script),
    }


def _digest(text: str) -> Markup:
    """Return the hash by which a content security policy allows an inline text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return Markup(base64.b64encode(digest).decode("ascii"))  # noqa: S704


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
