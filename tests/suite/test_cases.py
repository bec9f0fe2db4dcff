"""The suite: every requirement has its cases, and every case its requirement."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import conformance.suite
from conformance.contract.cases import Case, Depth
from conformance.contract.document import Contract, document_path
from conformance.contract.requirements import AREAS, Level
from conformance.judging.given import Given
from conformance.report import model
from conformance.suite.generated import plan
from tests.support.servers import surroundings

MODULES = sorted(Path(conformance.suite.__file__).parent.glob("*.py"))
STRANGERS = ("conformance.reference", "conformance.faults")

PLAN_LENGTH = 74
PLAN_SHA256 = "c1e6f5db008ae4ce8e4156868690fe5903a7a028be34c9f00731ced1120a46eb"


def test_every_requirement_has_a_case_or_says_why_not(
    contract: Contract, cases: list[Case]
) -> None:
    judged = {case.requirement for case in cases}
    testable = {row.id for row in contract.requirements.values() if not row.not_tested}
    assert sorted(testable - judged) == [], "requirements of openapi.yaml without a case"
    assert sorted(judged - set(contract.requirements)) == [], (
        "cases without a requirement in openapi.yaml"
    )
    assert sorted(judged - testable) == [], "cases of requirements that are marked as not tested"


def test_every_case_has_its_own_name(cases: list[Case]) -> None:
    """A report finds the outcome of a case by its name."""
    assert [name for name, count in Counter(case.name for case in cases).items() if count > 1] == []


def test_every_area_is_judged_at_depth_standard_and_the_gravest_at_smoke(
    contract: Contract, cases: list[Case]
) -> None:
    standard = {
        contract.requirements[case.requirement].prefix
        for case in cases
        if case.depth <= Depth.STANDARD
    }
    assert standard == set(AREAS)
    smoke = {case.requirement for case in cases if case.depth is Depth.SMOKE}
    assert {"ORG", "PAG"} <= {contract.requirements[item].prefix for item in smoke}


def test_every_must_is_judged_at_depth_standard(contract: Contract, cases: list[Case]) -> None:
    """Otherwise no standard run could end conformant."""
    musts = {
        row.id
        for row in contract.requirements.values()
        if row.level is Level.MUST and not row.not_tested
    }
    assert musts - {case.requirement for case in cases if case.depth <= Depth.STANDARD} == set()


def test_areas_are_those_of_the_report() -> None:
    assert {area.prefix: area.name for area in model.AREAS} == dict(AREAS)


def test_every_argument_of_a_case_is_given(cases: list[Case]) -> None:
    given = set(Given.names())
    for case in cases:
        missing = set(inspect.signature(case.function).parameters) - given - set(case.arguments)
        assert missing == set(), case.name


def test_universal_cases_send_no_request(cases: list[Case]) -> None:
    universal = [case for case in cases if case.universal]
    assert universal
    for case in universal:
        assert not {"api", "other", "spare"} & set(inspect.signature(case.function).parameters), (
            case
        )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_no_module_of_the_suite_imports_a_server(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide what is imported"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        assert [name for name in names if name.startswith(STRANGERS)] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_no_module_imports_a_module_of_cases(module: Path) -> None:
    """Cases share support modules: a case module can be read, moved and removed by itself."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    assert [name for name in imported if name.startswith("conformance.suite.test_")] == []


def test_nothing_that_the_suite_imports_imports_a_server(tmp_path: Path) -> None:
    modules = [f"conformance.suite.{path.stem}" for path in MODULES if path.stem != "__init__"]
    code = (
        f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\n"
        f"print([name for name in sys.modules if name.startswith({STRANGERS})])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_the_plan_of_generated_requests_is_unchanged(contract: Contract) -> None:
    """The enumerator of schemathesis is not public API: a change of its requests must be reviewed."""
    requests = sorted([item.path, list(item.query), item.positive] for item in plan(contract))
    digest = hashlib.sha256(json.dumps(requests).encode()).hexdigest()
    assert (len(requests), digest) == (PLAN_LENGTH, PLAN_SHA256), (
        "schemathesis derives other requests from openapi.yaml than before. If you changed parameters or "
        "examples of the contract, or the version of schemathesis, review conformance.suite.generated.plan "
        "and then enter the new length and hash here: "
        f"{len(requests)}, {digest}"
    )
    assert {item.positive for item in plan(contract)} == {True, False}


def test_the_plan_is_deterministic() -> None:
    one, two = (Contract(document_path().read_bytes()) for _ in range(2))
    assert [(item.path, item.query) for item in plan(one)] == [
        (item.path, item.query) for item in plan(two)
    ]
