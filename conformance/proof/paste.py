"""Pastes reproductions into bash and compares what they print with what their comments say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target

TOOLS = ("bash", "curl", "jq")
SECONDS = 60
_RECEIVED = re.compile(r"# (?:.*[,:] )?received (.*)")


@dataclass(frozen=True)
class Pasted:
    """What a reproduction printed: ``wanted`` by its comments, and ``printed`` in fact.

    ``errors`` is what it wrote to standard error.
    """

    wanted: tuple[str, ...]
    printed: tuple[str, ...]
    errors: str

    @property
    def shows(self) -> bool:
        """Whether it shows the defect: it has a check, and prints what the comments say."""
        return bool(self.wanted) and self.wanted == self.printed


def absent() -> list[str]:
    """Return the programs that a paste needs and that are not installed."""
    return [name for name in TOOLS if shutil.which(name) is None]


def checks(lines: Sequence[str]) -> tuple[str, ...]:
    """Return what the comments of a reproduction say that it prints, in order."""
    found = (_RECEIVED.fullmatch(line) for line in lines)
    return tuple(match.group(1) for match in found if match is not None)


def paste(lines: Sequence[str], target: Target, *, base_url: str = "") -> Pasted:
    """Run the lines as they would be pasted into a shell.

    :param base_url: the base URL in the lines, which that of the target replaces.
    """
    text = "\n".join(lines)
    if base_url:
        text = text.replace(base_url, target.base_url)
    wanted = checks(text.split("\n"))
    try:
        done = subprocess.run(
            ["bash"],  # noqa: S607
            input=f"{text}\n".encode("utf-8", "surrogateescape"),
            env=_environment(target),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Pasted(wanted, (), f"it took more than {SECONDS} s")
    printed = tuple(done.stdout.decode("utf-8", "replace").splitlines())
    return Pasted(wanted, printed, done.stderr.decode("utf-8", "replace"))


def _environment(target: Target) -> Mapping[str, str]:
    keys = {KEY_VARIABLE: target.own_key, OTHER_KEY_VARIABLE: target.other_key or ""}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **keys, "no_proxy": "*"}
