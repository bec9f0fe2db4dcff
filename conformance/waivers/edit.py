"""Adds an entry to ``waivers.yaml``; what the file holds stays as it is, comments included."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from conformance.errors import UsageError
from conformance.text import files
from conformance.waivers.file import Waiver, parse

HEADER = """\
# Accepted breaches of the contract. An entry that has expired or is not needed ends a run with status 2.
# yaml-language-server: $schema=waivers.schema.json
waivers:
"""


def add(path: Path, waiver: Waiver) -> int:
    """Add an entry at the end of the list, and return its line.

    :raises UsageError: if the file has another form, waives the same already, or cannot be written.
    """
    text = HEADER
    if path.exists():
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
            raise UsageError(f"--file: {path} cannot be read: {why}") from None
        for known in parse(text, path):
            if known.subject == waiver.subject:
                raise UsageError(
                    f"{path}, line {known.line}: {waiver.subject} is waived already, until {known.expires}: "
                    "change that entry"
                )
    changed = _inserted(text, waiver, path)
    entries = parse(changed, path)  # what cannot be read back is not written
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, changed.encode("utf-8"))
    except OSError as problem:
        raise UsageError(f"--file: {path} cannot be written: {problem.strerror}") from None
    return next(item.line for item in entries if item.subject == waiver.subject)


def _inserted(text: str, waiver: Waiver, path: Path) -> str:
    """Return the text with the entry after the last one of the list."""
    root = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)  # parse() has checked it
    key, value = next((key, value) for key, value in root.value if key.value == "waivers")
    lines = text.splitlines(keepends=True)
    if isinstance(value, yaml.SequenceNode) and value.flow_style and value.value:
        raise UsageError(
            f"{path}, line {value.start_mark.line + 1}: the list is in brackets: write it with one - an entry"
        )
    if isinstance(value, yaml.SequenceNode) and value.value:
        indent = _indent(lines[value.value[0].start_mark.line])
        last = value.value[-1]
        at = _end(last)
    else:  # waivers: or waivers: []
        indent = "  "
        at = key.start_mark.line + 1
        lines[key.start_mark.line] = (
            re.sub(
                r"^(\s*waivers\s*:)\s*(?:\[\s*\]|null|~)?[ \t]*", r"\1 ", lines[key.start_mark.line]
            ).rstrip()
            + "\n"
        )
    newline = "\r\n" if "\r\n" in text else "\n"
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline
    lines[at:at] = [line + newline for line in _entry(waiver, indent)]
    return "".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _end(node: yaml.Node) -> int:
    """Return the number of lines up to the last value of a node, without comments that follow it."""
    if isinstance(node, yaml.MappingNode) and node.value:
        return max(_end(value) for _, value in node.value)
    end = node.end_mark
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return end.line if end.column == 0 else end.line + 1
    return end.line + 1


def _entry(waiver: Waiver, indent: str) -> list[str]:
    fields = {
        "requirement": waiver.requirement,
        "fingerprint": waiver.fingerprint,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "ticket": waiver.ticket,
        "expires": waiver.expires.isoformat(),
    }
    lines = [f"{name}: {_scalar(name, text)}" for name, text in fields.items() if text is not None]
    return [f"{indent}{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines)]


def _scalar(name: str, text: str) -> str:
    """Return a text as YAML on one line."""
    if name == "expires":
        return text
    written: str = yaml.safe_dump(text, width=10**6, allow_unicode=True, default_flow_style=True)
    return written.removesuffix("\n").removesuffix("...").removesuffix("\n")
