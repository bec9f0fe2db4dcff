"""Rules for the files of the project: the size of modules, and what tests import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 349


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a module imports, and the names that it imports from them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_modules_stay_small() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in modules("benchmarks", "conformance", "tests")
    }
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_module_imports_a_test_module() -> None:
    """What tests share is in tests/support, or a fixture in a conftest.py."""
    mentioned = re.compile(r"^\s*(?:from|import)\b.*\btest_|^\s+test_\w+,?$", re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules("benchmarks", "conformance", "tests")
        if mentioned.search(path.read_text("utf-8"))
        for name in imports(path)
        if name.startswith("tests.") and any(part.startswith("test_") for part in name.split("."))
    ]
    assert found == []


def test_the_package_does_not_import_its_tests() -> None:
    foreign = re.compile(r"^\s*(?:from|import) (?:tests|benchmarks)\b.*", re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in modules("conformance")
        for line in foreign.findall(path.read_text("utf-8"))
    ]
    assert found == []
