"""Masks the parts of a line of commands that repeat a text of the target; the words of the suite stay."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable

from conformance.privacy.json_pieces import literal

Change = Callable[[str], str]

_WORD = r"(?P<word>(?:'[^']*'|\"[^\"]*\"|[^\s'\"|])+)"
_QUOTED = re.compile(rf"(?P<before>-H |\bgrep -(?:oF|qxF) -e |\| jq (?:-\w+ )?){_WORD}")
"""A header, a text that is searched for, a program of jq."""

_SENT_BACK = re.compile("(?:if-none-match|if-modified-since|cookie): ", re.IGNORECASE)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def masked_line(line: str, mask: Change) -> str:
    """Return a line with what it quotes of the target masked.

    :param mask: returns a text of the target with personal data masked.
    """
    return _QUOTED.sub(lambda match: _part(match["before"], match["word"], mask), line)


def _part(before: str, word: str, mask: Change) -> str:
    if word.startswith('"'):  # a key or a value that was received, each as a variable
        return before + word
    text = masked = "".join(shlex.split(word))
    if before == "-H ":
        if sent := _SENT_BACK.match(text):
            masked = sent.group() + mask(text[sent.end() :])
    elif before.startswith("| jq"):
        masked = _STRING.sub(lambda found: _string(found.group(), mask), text)
    else:
        masked = mask(text)
    return before + (word if masked == text else shlex.quote(masked))


def _string(written: str, mask: Change) -> str:
    text = literal(written)
    masked = mask(text)
    return written if masked == text else json.dumps(masked)
