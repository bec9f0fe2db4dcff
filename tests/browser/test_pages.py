"""The pages in a browser: accessible, quiet, usable without script, on a phone and on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import PAGES, REPORTS, SITE, Open

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
AXE = SITE / "node_modules/axe-core/axe.min.js"
MOST_SHEETS = {
    "acceptance": 5,
    "acceptance-green": 4,
    "compare": 4,
    "history": 2,
    "requirements": 70,
    "red": 25,
    "green": 20,
    "incomplete": 3,
    "untestable": 2,
    "hostile": 500,
}
_CUT = """() => {
  const kept = ["avoid", "avoid-page"];
  const rows = [...document.querySelectorAll("tr")].filter(row => row.getClientRects().length);
  return rows.filter(row => !kept.includes(getComputedStyle(row).breakInside)).length;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in PAGES if name != "hostile"])
def test_axe_finds_nothing(show: Open, name: str, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make browser installs it")
    # The policy of the page forbids the script of the test, so this test alone is without it.
    page = show(name, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    problems = [
        f"{item['id']} ({item['impact']}): {node['target']} {node['failureSummary']}"
        for item in found["violations"]
        for node in item["nodes"][:3]
    ]
    assert not problems, "\n".join(problems)
    assert found["passes"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nothing_and_executes_nothing(show: Open, name: str) -> None:
    page = show(name)
    page.wait_for_timeout(100)
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert page.locator("script").count() == (1 if name in REPORTS else 0)
    assert page.locator("iframe, object, embed, img, base, form").count() == 0


@pytest.mark.parametrize("spacing", ["normal", "0.06em"])
@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_in_one_direction(show: Open, name: str, spacing: str) -> None:
    """Also where the letters of the fonts are wider than here."""
    page = show(name, bypass_csp=True, **PHONE)
    page.add_style_tag(content=f"* {{ letter-spacing: {spacing}; }}")
    width = page.evaluate("document.documentElement.scrollWidth")
    wide = page.evaluate(
        "() => [...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .skip') &&"
        " e.getBoundingClientRect().right > 391).slice(0, 5).map(e => e.outerHTML.slice(0, 120))"
    )
    assert width <= 390, wide


@pytest.mark.parametrize("name", PAGES)
def test_paper_has_whole_rows_and_few_sheets(show: Open, name: str) -> None:
    page = show(name)
    page.emulate_media(media="print")
    assert page.evaluate(_CUT) == 0
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 1 <= sheets <= MOST_SHEETS[name]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_complete_without_a_script(show: Open, name: str) -> None:
    page = show(name, java_script_enabled=False)
    assert not page.locator("#filter").is_visible() or page.locator("#filter").count() == 0
    rows = page.locator("#requirements tr[id]")
    assert [row for row in rows.all() if not row.is_visible()] == []
    assert page.locator("h1").inner_text()
    if name in ("red", "green"):
        assert rows.count() > 100


def shown(page: Any) -> set[str]:
    return {row.get_attribute("id") for row in page.locator("#requirements tr[id]:visible").all()}


def test_the_filter_is_in_the_url(show: Open) -> None:
    page = show("red", "#q=org&outcome=failed")
    assert page.locator("#filter input").input_value() == "org"
    assert page.locator("#filter select").input_value() == "failed"
    some = shown(page)
    assert some
    assert all(id_.startswith("ORG") for id_ in some)
    page.locator("#filter select").select_option("")
    assert page.url.endswith("#q=org")
    assert shown(page) > some
    page.locator("#filter input").fill("")
    assert "#" not in page.url
    assert len(shown(page)) > 100


def test_back_leads_to_the_filter_again(show: Open) -> None:
    page = show("red", "#q=org&outcome=failed")
    some = shown(page)
    page.evaluate("location.hash = '#AUTH-01'")
    page.wait_for_function("document.getElementById('AUTH-01').checkVisibility()")
    assert len(shown(page)) > len(some), "a link to a hidden requirement clears the filter"
    page.go_back()
    page.wait_for_function("document.querySelector('#filter input').value === 'org'")
    assert shown(page) == some


def test_nothing_covers_what_a_link_leads_to(show: Open) -> None:
    for options in ({}, PHONE):
        page = show("green", "#coverage", reduced_motion="reduce", **options)
        box = page.locator("#coverage").bounding_box()
        assert page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('#coverage') !== null",
            [box["x"] + 5, box["y"] + box["height"] / 2],
        )


def test_each_id_leads_to_its_explanation(show: Open) -> None:
    page = show("red")
    page.locator("#requirements tr[id='PAG-04'] th a").click()
    page.wait_for_url("**/requirements.html#PAG-04")
    assert page.locator("article:target h3").inner_text() == "PAG-04"
    assert page.said == []


def test_the_reference_shows_the_contract_and_asks_no_host(show: Open, pages: Path) -> None:
    bundle = SITE / "node_modules/redoc/bundles/redoc.standalone.js"
    if not bundle.is_file():
        pytest.skip("Redoc is not installed: make browser installs it")
    pytest.importorskip("mkdocs")
    import runpy

    made = runpy.run_path(str(SITE / "hook.py"))["page"](bundle.read_text("utf-8"))
    (pages / "reference.html").write_bytes(made)
    page = show("reference")
    page.get_by_role("heading", name="List clinician profiles").wait_for()
    text = page.inner_text("body")
    for words in ("Retrieve a clinician profile", "is_bookable_online", "Full-text search over"):
        assert words in text
    asked = [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))]
    refused = [text for text in page.said if "Content Security Policy" in text]
    assert len(asked) == len(refused), "the policy refuses each before it is sent"
    assert [text for text in page.said if text not in refused] == []
