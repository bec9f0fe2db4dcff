"""`report.html`: the whole report on one page that asks nothing of a network.

What a target sent is hostile until shown otherwise. The template escapes everything, characters
without a shape are written out, and the page's own policy lets no script run but the one that
came with it, so that a hole in the first two would still do no harm.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.report import clock, view
from conformance.report.model import LEVELS, OUTCOMES, Result
from conformance.text.printable import visible
from conformance.text.wording import plural

_LAYOUT = "\n\t"


def render(result: Result) -> str:
    """The page. `result` has been validated."""
    failed, warned = view.groups(result, "failed"), view.groups(result, "warned")
    values = {
        **_assets(),
        "result": result,
        "outcomes": OUTCOMES,
        "areas": view.area_rows(result),
        "failed": failed,
        "warned": warned,
        "cards": {group.requirement["id"] for group in failed + warned},
        "inconclusive": [
            (level, view.by_reason(result, "inconclusive", level)) for level in LEVELS
        ],
        "waived": view.by_reason(result, "waived"),
        "requirements": _by_area(result),
        "meaning": view.meaning(result),
        "facts": _facts(result),
    }
    return _environment().get_template("report.html.j2").render(values)


def _facts(result: Result) -> list[tuple[str, str, str]]:
    """Name, value and small print of each fact about the run."""
    target, contract, suite, requests = (
        result["target"],
        result["contract"],
        result["suite"],
        result["requests"],
    )
    identity = requests["by_identity"]
    each = (f"{view.IDENTITIES[name]} {count:,}" for name, count in identity.items())
    software = f"Python {suite['python']}, schemathesis {suite['schemathesis']}"
    status = f"exit status {result['exit_status']}: {view.exit_meaning(result)}"
    embedded = ["embedded reference server"] if target["embedded"] else []
    return [
        ("Target", target["base_url"], ", ".join([*embedded, view.keys_line(result)])),
        ("Directory", view.directory_line(result), ""),
        ("Requests", view.requests_line(result), ", ".join(each)),
        ("Contract", f"{contract['title']} {contract['version']}", f"sha256 {contract['sha256']}"),
        (
            "Run",
            f"{result['depth']} depth, seed {result['seed']}",
            f"{clock.moment(result['started_at'])}, {clock.duration(result)}",
        ),
        ("Suite", f"{suite['name']} {suite['version']}", f"{software}, {status}"),
    ]


def _by_area(result: Result) -> list[tuple[str, list[Any]]]:
    areas: dict[str, list[Any]] = {}
    for requirement in view.in_order(result["requirements"]):
        areas.setdefault(requirement["area"], []).append(requirement)
    return list(areas.items())


@cache
def _environment() -> Environment:
    environment = page_environment("conformance.report")
    environment.filters["value"] = view.value_text
    environment.globals["sources"] = view.SOURCES
    environment.globals["identities"] = view.IDENTITIES
    return environment


def page_environment(package: str) -> Environment:
    """Where the pages of a package are made: everything escaped, nothing without a shape, no missing name.

    What servers sent comes through here in every page, so that it is made harmless in one place.
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
    # Every expression of the template comes through here, so none can be forgotten.
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, keep=_LAYOUT)
    return value


def _prose(text: str) -> Markup:
    """Text with what stands between backticks set as code."""
    parts = [escape(visible(part, keep=_LAYOUT)) for part in text.split("`")]
    if len(parts) % 2 == 0:  # a backtick without its second is only a backtick
        parts[-2:] = [Markup("`").join(parts[-2:])]
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if n % 2 else p for n, p in enumerate(parts))


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
