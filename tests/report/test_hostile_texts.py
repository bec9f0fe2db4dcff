"""Hostile texts in every field of every form: each is read back by a parser of its kind, nothing runs."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.report import html, junit, make_console, markdown, read, render, write
from conformance.reproduction import Found, Reproducer
from conformance.text.printable import visible, well_formed
from tests.report.conftest import Build
from tests.report.hostile_texts import MARK, TEXTS
from tests.support.marks import in_part
from tests.support.page import Page

Result = Any
every_text = pytest.mark.parametrize("text", in_part(TEXTS.values()), ids=TEXTS)


def with_text(build: Build, text: str) -> Result:
    """Return a result with a text in each member that a target can influence."""
    finding = build.finding(
        expected=text, received=text, detail=text, request_id=text, curl=f"curl {shlex.quote(text)}",
        request={"method": "GET", "url": f"http://t/{text}", "identity": "own"},
    )  # fmt: skip
    result = build.result(
        build.requirement("PAG-04", "failed", findings=[finding] * 2),
        build.requirement("FIL-02", "warned", findings=[finding]),
        build.requirement("LIM-03", "inconclusive", reason=f"reason {text}", findings=[finding]),
        build.requirement("RO-01", "waived", reason=f"reason {text}"),
        reason=f"reason {text}",
        observations=[{"name": "sent", "text": f"x {text}", "value": {well_formed(text): [text]}}],
        incidents=[{"kind": "502", "text": f"x {text}", "exchange": 1}],
        warnings=[f"warning {text}"],
        exchanges=[
            {
                "number": 1, "method": "GET", "url": f"http://t/{text}", "identity": "own",
                "status": 200, "milliseconds": 1.5, "bytes": 3,
                "headers": [["etag", text]], "body": text,
            }
        ],
    )  # fmt: skip
    for defect in result["defects"]:
        defect |= {"title": f"title {text}", "probable_cause": build.cause(f"cause {text}")}
        defect["reproduction"] = [f"curl {shlex.quote(text)}", f"# received {text}"]
        defect["witnesses"] = [{"what": f"x {text}", "expected": text, "received": text}]
    return result


def squeezed(text: str) -> str:
    """Return a text as every form shows it: invisible characters as escapes, white space as one space."""
    return " ".join(visible(text, keep="\n\t").split())


@every_text
def test_json_keeps_the_text(build: Build, tmp_path: Path, text: str) -> None:
    result = with_text(build, text)
    paths = write(result, tmp_path)
    assert read(paths[0]) == json.loads(json.dumps(result))


@every_text
def test_the_page_has_the_same_elements_and_the_text(build: Build, text: str) -> None:
    page, plain = (
        Page(html.render(with_text(build, text))),
        Page(html.render(with_text(build, "x"))),
    )

    def outline(shown: Page) -> list[tuple[str, list[str]]]:
        wanted = [(tag, sorted(attributes)) for tag, attributes in shown.tags]
        return [item for item in wanted if item[0] != "code"]

    assert outline(page) == outline(plain)
    assert squeezed(text).replace("`", "") in squeezed(page.text).replace("`", "")


@every_text
def test_junit_is_strict_xml_with_the_text(build: Build, text: str) -> None:
    root = ElementTree.fromstring(junit.render(with_text(build, text)))
    plain = ElementTree.fromstring(junit.render(with_text(build, "x")))
    assert [item.tag for item in root.iter()] == [item.tag for item in plain.iter()]
    failure = next(root.iter("failure"))
    assert squeezed(text) in squeezed(failure.text or "")


@every_text
def test_markdown_has_the_same_structure_and_the_text(build: Build, text: str) -> None:
    def outline(shown: str) -> list[str]:
        tokens = MarkdownIt("commonmark").enable("table").parse(shown)
        inline = [child for token in tokens for child in token.children or []]
        return [
            *(token.type for token in tokens),
            *(
                child.type
                for child in inline
                if child.type not in ("text", "softbreak", "text_special")
            ),
        ]

    summary = markdown.render(with_text(build, text))
    assert outline(summary) == outline(markdown.render(with_text(build, "x")))
    tokens = MarkdownIt("commonmark").enable("table").parse(summary)
    words = "".join(
        child.content for token in tokens for child in token.children or [] if child.content
    )
    assert squeezed(text)[:300] in words


@every_text
def test_the_terminal_gets_no_control_code(build: Build, text: str) -> None:
    file = io.StringIO()
    render(with_text(build, text), make_console(file), None)
    assert visible(file.getvalue(), keep="\n") == file.getvalue()
    assert file.getvalue().splitlines()[-2].startswith("NON-CONFORMANT (exit status 1")


def reproductions(text: str) -> list[str]:
    """Return the lines for findings whose id, search term, header and page hold a text."""
    encoded = quote(text, safe="", errors="replace")
    base = "http://t.test/api-v1/clinician-profiles"
    requests = [
        Request(path=f"/clinician-profiles/{encoded}"),
        Request(query=(("search", text.replace("\ud800", "").replace("\udfff", "")),)),
        Request(headers=(("X-Zqx", text),)),
        Request("POST", content=text),
    ]
    body = json.dumps({"data": [{"id": text}], "meta": {"limit": 20, "has_more": True}}).encode()
    lines: list[str] = []
    for number, request in enumerate(requests, 1):
        url = base.removesuffix("/clinician-profiles") + request.target
        exchange = Exchange(number, request, url, 200, (), body, 0.0)
        for finding in (
            exchange.finding("404", f"200 ({text}, 3 bytes)"),
            exchange.finding("no debug page", f"200 with {text!r}"),
            exchange.finding("an empty list", f"200 with {text}"),
            exchange.finding("no thing", f"1 unexpected record: {text}", f"data[0] (id {text})"),
            exchange.finding(text, text, text),
        ):
            written = Reproducer([exchange] * number, None).lines([Found("ROB-05", finding)])
            lines += [visible(line, keep="\t") for line in written]
    return lines


def test_no_line_to_paste_runs_a_text(tmp_path: Path) -> None:
    """``curl`` and ``jq`` are replaced by functions that read their input and print nothing."""
    lines = [line for text in TEXTS.values() for line in reproductions(text[:2000])]
    assert len(lines) > 600
    for line in lines:
        shlex.split(line, comments=True)
    script = "\n".join(["curl() { :; }", "jq() { cat >/dev/null; }", *lines, "echo end"])
    checked = subprocess.run(
        ["bash", "-n"], input=script.encode(), capture_output=True, check=False
    )
    assert checked.stderr == b""
    ran = subprocess.run(
        ["bash"], input=script.encode(), capture_output=True, check=False, cwd=tmp_path
    )
    assert ran.stderr == b""
    assert ran.stdout.endswith(b"end\n")
    assert list(tmp_path.iterdir()) == []
    assert not Path(MARK).exists()


def test_the_corpus_is_large() -> None:
    assert len(TEXTS) >= 60
