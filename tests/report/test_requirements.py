"""Every form leads to the page that explains the requirements, and no link is dead."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from conformance.report import FORMS, ctrf, html, junit, markdown, requirements
from tests.support.page import Page

Result = dict[str, Any]


@pytest.fixture(scope="module")
def kept() -> Page:
    return Page(requirements.page().decode())


def test_the_page_loads_nothing_and_runs_nothing(kept: Page) -> None:
    text = requirements.page().decode()
    assert not kept.all("src")
    assert "script" not in {tag for tag, _ in kept.tags}
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [a["content"] or "" for _, a in kept.tags if "http-equiv" in a]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "url(" not in style
    outside = {href for href in kept.all("href") if not href.startswith(("#", "data:,"))}
    assert outside == {"https://docs.usejump.co.uk/api-reference"}
    ids = kept.all("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in kept.all("href") if href.startswith("#")} <= set(ids)


def test_the_page_is_a_form_of_every_report(conformant: Result) -> None:
    assert FORMS[requirements.NAME](conformant) == requirements.page()  # type: ignore[arg-type]


def test_each_requirement_of_the_page_leads_to_its_explanation(mixed: Any, kept: Page) -> None:
    links = set(Page(html.render(mixed)).all("href"))
    wanted = {f"requirements.html#{row['id']}" for row in mixed["requirements"]}
    assert wanted <= links
    assert {link.partition("#")[2] for link in wanted} <= set(kept.all("id"))


def test_junit_and_ctrf_name_the_place(mixed: Any) -> None:
    assert "\nrequirements.html#PAG-04\n" in junit.render(mixed).decode()
    tests = json.loads(ctrf.render(mixed))["results"]["tests"]
    assert {test["extra"]["page"] for test in tests} == {
        f"requirements.html#{row['id']}" for row in mixed["requirements"]
    }


def test_the_summary_links_where_the_report_is_published(mixed: Any) -> None:
    assert "requirements.html" not in markdown.render(mixed), "a relative link would be dead there"
    text = markdown.render(mixed | {"labels": {"report-url": "https://ci.example/job/7/"}})
    assert "[PAG-04](https://ci.example/job/7/requirements.html#PAG-04)" in text


@pytest.mark.parametrize(
    "place", ["javascript:alert(1)", "https://a.example/)[x](http://b", "https://a.example/ b", ""]
)
def test_a_label_that_is_no_address_is_not_linked(mixed: Any, place: str) -> None:
    text = markdown.render(mixed | {"labels": {"report-url": place}})
    assert "requirements.html" not in text
