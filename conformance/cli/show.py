"""``conformance show``: an exchange of a transcript, as HTTP text."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from conformance.cli.output import printing
from conformance.errors import TranscriptError, UsageError


@click.command()
@click.argument("number", metavar="EXCHANGE", type=int)
@click.argument(
    "report", metavar="[REPORT]", default="reports/latest", type=click.Path(path_type=Path)
)
def show(number: int, report: Path) -> int:
    """Print an exchange of a run as HTTP text: the request, the response, and how long it took.

    EXCHANGE is its number, as the report has it. REPORT is the directory of a report or a transcript. Keys
    are shown as variables, and personal data as pseudonyms, as the transcript holds them.

    \b
    Exit status: 0, or 2 if there is no such exchange.
    """
    from conformance.recording import har, seal
    from conformance.text.printable import visible

    path = report if report.is_file() and report.name != "report.json" else _transcript(report)
    try:
        entries = seal.load(path)["entries"]
        har.read(path)  # an entry of another form is refused before any is shown
    except TranscriptError as problem:
        raise UsageError(f"REPORT: {path} cannot be shown: {problem}") from None
    by_number = {entry[seal.OURS]["number"]: entry for entry in entries}
    entry = by_number.get(number)
    if entry is None or number < 1:
        last = max((item for item in by_number if item is not None), default=0)
        raise UsageError(f"EXCHANGE: {path} has exchanges 1 to {last}, and no {number}")
    with printing():
        click.echo(visible(_text(entry, number), keep="\n\t"))
    return 0


def _transcript(report: Path) -> Path:
    from conformance.recording import har

    directory = report.parent if report.name == "report.json" else report
    return directory / har.NAME


def _text(entry: dict[str, Any], number: int) -> str:
    request, response = entry["request"], entry["response"]
    url = urlsplit(request["url"])
    target = url.path + (f"?{url.query}" if url.query else "")
    lines = [
        f"# exchange {number}, {entry['startedDateTime']}, {entry['time']:.0f} ms",
        "",
        f"{request['method']} {target} {request['httpVersion']}",
        f"Host: {url.netloc}",
        *(f"{item['name']}: {item['value']}" for item in request["headers"]),
        "",
    ]
    if sent := request.get("postData"):
        lines += [sent["text"], ""]
    lines += [
        f"{response['httpVersion']} {response['status']} {response['statusText']}".rstrip(),
        *(f"{item['name']}: {item['value']}" for item in response["headers"]),
        "",
        _body(response["content"]),
    ]
    return "\n".join(lines).rstrip()


def _body(content: dict[str, Any]) -> str:
    """Return a body: JSON with indentation, and text as it is."""
    text = str(content.get("text", ""))
    if content.get("encoding") == "base64":
        return b64decode(text).decode("utf-8", "backslashreplace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
