"""Completion in shells: their real scripts, what is offered, and how fast."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contract.document import load
from conformance.faults import names
from conformance.proof import catalogue
from tests.support.in_process import call
from tests.support.processes import surroundings

HEAVY = {"httpx", "hypothesis", "jsonschema", "pytest", "rich", "schemathesis", "starlette"}


SHELLS = {
    "bash": """
        eval "$(_CONFORMANCE_COMPLETE=bash_source conformance)"
        complete -p conformance > /dev/null || exit 9
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
        _conformance_completion conformance
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    # Zsh completes in its line editor only: the two functions that would fill its menu print instead.
    "zsh": """
        autoload -Uz compinit; compinit -u -D
        eval "$(_CONFORMANCE_COMPLETE=zsh_source conformance)"
        [ "$_comps[conformance]" = _conformance_completion ] || exit 9
        words=("$@"); CURRENT=$#
        _describe() { print -l -- ${completions_with_descriptions%%:*} }
        compadd() { print -l -- $completions }
        _conformance_completion
    """,
    "fish": """
        env _CONFORMANCE_COMPLETE=fish_source conformance | source
        complete -C "$argv" | string replace -r '\\t.*' ''
    """,
}
OPTIONS = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}


def completed(shell: str, folder: Path, *words: str) -> list[str]:
    """Let a shell complete a line with the script that the command prints; return what it offers."""
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    path = commands / "conformance"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
    path.chmod(0o755)
    given = surroundings()
    first = [] if shell == "fish" else [shell]
    ended = subprocess.run(
        [shell, *OPTIONS[shell], SHELLS[shell], *first, "conformance", *words],
        cwd=folder,
        env=given | {"PATH": f"{commands}:{given['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    return ended.stdout.split()


def offered(folder: Path, *words: str) -> list[str]:
    """Return what is offered for the last word, asked as the script of bash asks."""
    ended = call(
        folder,
        _CONFORMANCE_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(["conformance", *words]),
        COMP_CWORD=str(len(words)),
    )
    assert (ended.status, ended.err) == (0, ""), ended.text
    return [line.partition(",")[2] for line in ended.out.splitlines() if line]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_commands_and_ids(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    assert completed(shell, tmp_path, "expl") == ["explain"]
    ids = [id_ for id_ in load().requirements if id_.startswith("PAG-0")]
    assert completed(shell, tmp_path, "explain", "PAG-0") == ids


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (("run", "--only", "read"), ["read-only"]),
        (("run", "--only", "mu"), ["must"]),
        (("run", "--skip", "srch-0"), ["SRCH-01", "SRCH-09"]),
        (("run", "--only", "PAG-04,FIL-0"), ["PAG-04,FIL-01"]),
        (("run", "--depth", "s"), ["smoke", "standard"]),
        (("run", "--requirements", "1"), ["1.0"]),
        (("list", "isol"), ["isolation"]),
        (("waive", "ORG-0"), ["ORG-01"]),
        (("prove", "full-page"), ["full-page-means-more"]),
        (("prove", "PAG-03"), ["PAG-03"]),
        (("serve", "--fault", "full-page"), ["full-page-means-more"]),
        (("schema", "me"), ["merge"]),
    ],
)
def test_what_is_offered(tmp_path: Path, words: tuple[str, ...], some: list[str]) -> None:
    found = offered(tmp_path, *words)
    assert set(some) <= set(found)
    last = words[-1].casefold()
    assert all(item.casefold().startswith(last) for item in found)


def test_a_file_that_cannot_be_read_is_no_text_on_the_prompt(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("not toml at all", "utf-8")
    assert offered(tmp_path, "run", "--depth", "d") == ["deep"]
    assert offered(tmp_path, "run", "--only", "nothing-") == []


def test_a_path_is_left_to_the_shell(tmp_path: Path) -> None:
    ended = call(
        tmp_path,
        _CONFORMANCE_COMPLETE="bash_complete",
        COMP_WORDS="conformance run --waivers wai",
        COMP_CWORD="3",
    )
    assert ended.out.startswith("file,")


def test_an_unknown_shell_prints_nothing(tmp_path: Path) -> None:
    ended = call(tmp_path, _CONFORMANCE_COMPLETE="tcsh_source")
    assert (ended.status, ended.text) == (1, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_each_other_shell_has_a_script(tmp_path: Path, shell: str) -> None:
    text = call(tmp_path, _CONFORMANCE_COMPLETE=f"{shell}_source").out
    assert f"_CONFORMANCE_COMPLETE={shell}_complete" in text


def test_the_names_are_those_of_the_catalogue() -> None:
    """They are read from the source, since importing the servers takes a second."""
    found = catalogue.load(load())
    assert names.faults() == tuple(sorted(item.name for item in found.faults))
    variants = [item.name for item in found.variants]
    assert names.variants() == tuple(sorted(variants))
    others = [item.name for item in found.unjudgeable]
    assert names.servers() == tuple(sorted([*variants, *others]))


def test_no_heavy_library_is_imported(tmp_path: Path) -> None:
    """What takes long is loaded by the command that needs it, and not by a key that is pressed."""
    code = (
        "import json, sys; from conformance.cli.main import main; main([]); "
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    for words in (("explain", "PAG"), ("prove", "full"), ("run", "--only", "search")):
        ended = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=surroundings(
                _CONFORMANCE_COMPLETE="bash_complete",
                COMP_WORDS=" ".join(["conformance", *words]),
                COMP_CWORD=str(len(words)),
            ),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert ended.stdout
        assert HEAVY & set(json.loads(ended.stderr)) == set()
