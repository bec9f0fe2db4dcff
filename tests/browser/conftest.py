"""The pages of the suite as files, and Chromium to look at them; `make browser` installs what is needed."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.acceptance import page as acceptance
from conformance.acceptance import versions
from conformance.comparison import compare as comparing
from conformance.comparison import forms
from conformance.comparison import history as past
from conformance.contract.document import load
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.report import html, read, requirements
from conformance.running import coverage
from tests.acceptance.conftest import CLAIM
from tests.report.conftest import Build
from tests.report.hostile_texts import TEXTS

ROOT = Path(__file__).parents[2]
SITE = ROOT / ".ci/site"
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
REPORTS = ("red", "green", "incomplete", "untestable", "hostile")
PAGES = (*REPORTS, "acceptance", "acceptance-green", "compare", "history", "requirements")
"""Pages that this project writes; the reference is a page of Redoc."""

Open = Callable[..., Any]


def _hostile(build: Build) -> Any:
    """Return a result with a hostile text in every member that a target can influence."""
    texts = list(TEXTS.values())
    finding = [
        build.finding(expected=text, received=text, detail=text, request_id=text, case=text,
                      request={"method": "GET", "url": text, "identity": "own"})
        for text in texts
    ]  # fmt: skip
    result = build.result(
        build.requirement("PAG-04", "failed", findings=finding),
        build.requirement("LIM-03", "inconclusive", reason=" ".join(texts)),
        reason=" ".join(texts[:9]),
        observations=[{"name": "sent", "text": text, "value": {text: [text]}} for text in texts],
        incidents=[{"kind": text, "text": text, "exchange": None} for text in texts],
        warnings=texts,
    )
    for defect in result["defects"]:
        words = " ".join(texts)
        defect |= {"title": words, "reproduction": texts, "probable_cause": build.cause(words)}
        defect["witnesses"] = [{"what": t, "expected": t, "received": t} for t in texts]
    return result


def _results() -> dict[str, Any]:
    build = Build()
    found: dict[str, Any] = {
        "red": read(ROOT / "reports/sample-red"),
        "green": read(ROOT / "reports/sample"),
    }
    asked = Exchange(1, Request(), "http://t", 200, (), b"", 0.0)
    for result in found.values():
        result["coverage"] = coverage.of(load(), [asked])
    open_ = build.requirement("PAG-01", "inconclusive", reason="fewer than 101 clinicians")
    found["incomplete"] = build.result(open_, build.requirement("ORG-01"))
    found["untestable"] = build.result(open_, verdict="untestable", directory=None)
    found["hostile"] = _hostile(build)
    return found


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the pages, each with the name of `PAGES`."""
    folder = tmp_path_factory.mktemp("pages")
    results = _results()
    made = {name: html.render(results[name]).encode() for name in REPORTS}
    claim = acceptance_claim()
    made["acceptance"] = acceptance.render(results["red"], claim, versions.here())
    made["acceptance-green"] = acceptance.render(results["green"], claim, versions.here())
    compared = comparing.compare(results["green"], results["red"]) | {"latency": None}
    made["compare"] = forms.page(compared).encode()
    made["history"] = forms.history_page(past.history([results["green"], results["red"]])).encode()
    made["requirements"] = requirements.page()
    for name, content in made.items():
        (folder / f"{name}.html").write_bytes(content)
    return folder


def acceptance_claim() -> Any:
    """Return a claim."""
    from conformance.acceptance import claim

    return claim.read(json.dumps(_loaded(CLAIM)).encode())


def _loaded(text: str) -> Any:
    import yaml

    return json.loads(json.dumps(yaml.safe_load(text), default=str))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return Chromium, started once."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("Playwright is not installed: make browser installs it")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (on Debian: the package chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def show(chromium: Any, pages: Path) -> Iterator[Open]:
    """Return what opens a page of `PAGES`: by its name, with a fragment and options of the context.

    The page has ``asked``, the URLs that it requested, and ``said``, its errors and dialogues.
    """
    contexts = []

    def opened(name: str, fragment: str = "", **options: Any) -> Any:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))

        def dialogue(dialog: Any) -> None:
            page.said.append(f"dialogue: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", dialogue)
        page.goto(f"{(pages / name).as_uri()}.html{fragment}")
        return page

    yield opened
    for context in contexts:
        context.close()
