"""What holds of every run, whatever its target sends."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from conformance import report
from conformance.recording import har
from conformance.report.lines import make_console
from conformance.report.model import Result
from conformance.report.terminal import render
from conformance.target.credentials import CREDENTIALS
from conformance.text.printable import visible
from tests.hostile.values import MARK
from tests.support.processes import OTHER_KEY, OWN_KEY

TIMES = {"started_at": "", "finished_at": ""}
STATUSES = {0, 1, 3, 4}
MOST_SIGNS = {";", "|", "&", "<", ">", "(", ")", "||", "&&", ";;", "<<", ">>"}
_VARIABLE = re.compile(r"\$(?!CONFORMANCE_)|`")
_EMPTY_ELEMENTS = frozenset({"meta", "link", "br", "hr", "input", "img"})
_ADDED = frozenset({"img", "iframe", "object", "embed", "base", MARK})


class _Page(HTMLParser):
    """Collects the elements of a page, with scripts and attributes that run code."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.handlers: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag not in _EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def check(folder: Path, status: int, people: Sequence[str]) -> Result:
    """Check the files of a run; return its result."""
    assert status in STATUSES, f"status {status}: {_why(folder)}"
    result = report.read(folder)
    assert result["exit_status"] == status, result["reason"]
    identity = result["requests"]["by_identity"]
    assert max(identity["own"], identity["other"]) <= result["requests"]["limit"]
    har.read(folder / har.NAME)
    json.loads((folder / har.NAME).read_bytes())
    suites = ElementTree.parse(folder / "junit.xml").getroot()
    bad = sum(int(suites.get(name, 0)) for name in ("failures", "errors"))
    assert bool(bad) is bool(status)
    ctrf = json.loads((folder / "ctrf.json").read_bytes())
    assert bool(ctrf["results"]["summary"]["failed"]) is bool(status)
    _page((folder / "report.html").read_text("utf-8"))
    (folder / "summary.md").read_bytes().decode("utf-8")
    _reproductions(result)
    _terminal(result)
    for line in _commands(result):
        _shell(line)
    _secrets(folder, people)
    return result


def _why(folder: Path) -> str:
    return str(report.read(folder)["reason"])


def check_replayed(folder: Path, status: int) -> Result:
    """Check the report of a replay; return its result."""
    result = report.read(folder)
    assert result["exit_status"] == status
    return result


def _page(text: str) -> None:
    page = _Page()
    page.feed(text)
    page.close()
    assert page.open == []
    assert page.elements.count("script") == 1
    assert _ADDED.isdisjoint(page.elements)
    assert page.handlers == []


def _terminal(result: Result) -> None:
    for encoding in ("utf-8", "ascii"):
        out = io.TextIOWrapper(io.BytesIO(), encoding, write_through=True)
        render(result, make_console(out), None)
        out.seek(0)
        text = out.read()
        assert visible(text, keep="\n") == text


def _commands(result: Result) -> Iterator[str]:
    for row in result["requirements"]:
        for finding in row["findings"]:
            if finding["curl"]:
                yield finding["curl"]


def _reproductions(result: Result) -> None:
    """Check that the lines to paste are lines that bash can read."""
    for defect in result["defects"]:
        for line in defect["reproduction"]:
            assert visible(line, keep="\t") == line
            shlex.split(line, comments=True)


def _shell(line: str) -> None:
    """Check that a line is one simple command with no other variable than those of the suite."""
    assert "\n" not in line
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    assert MOST_SIGNS.isdisjoint(words)
    ours = [credential.shell or "" for credential in CREDENTIALS.values()]
    for known in sorted(ours, key=len, reverse=True):
        line = line.replace(known, "")
    unquoted = re.sub(r"'[^']*'", "", line)
    assert not _VARIABLE.search(unquoted), line


def _secrets(folder: Path, people: Sequence[str]) -> None:
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8").lower()
        for key in (OWN_KEY, OTHER_KEY):
            secret = key.removeprefix("pk_test_").lower()
            assert secret[:12] not in text, f"a key in {path.name}"
            assert secret[-12:] not in text, f"a key in {path.name}"
        shown = [name for name in people if name.lower() in text]
        assert not shown, f"{shown[0]!r} in {path.name}"


def same(one: Result, two: Result) -> None:
    """Check that the results of a run and of its replay are equal."""
    left: dict[str, Any] = {**one, **TIMES}
    right: dict[str, Any] = {**two, **TIMES}
    for name, value in left.items():
        if value != right[name]:
            raise AssertionError(f"the replay differs in {name}: {_difference(value, right[name])}")


def _difference(one: Any, two: Any, path: str = "") -> str:
    """Return the first difference of two values."""
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        name = next(name for name in one if one[name] != two[name])
        return _difference(one[name], two[name], f"{path}.{name}")
    if isinstance(one, list) and isinstance(two, list) and one[: len(two)] != two[: len(one)]:
        index = next(
            index for index, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]
        )
        return _difference(one[index], two[index], f"{path}[{index}]")
    return f"{path}: {str(one)[:700]!r} and {str(two)[:700]!r}"
