"""The compared tools that npm installs: how each runs on a server, and how its findings are read."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from benchmarks.tool import Tool, ToolReport, run_command
from conformance.contract.document import document_path, load
from conformance.faults.variant import Variant
from conformance.target.target import Target

MODULES: Final = Path(__file__).parent.resolve() / "node/node_modules"

_EXAMPLE_ID = "123e4567-e89b-12d3-a456-426614174000"
_RULE = re.compile(r"(>> \S+|\bR\d{4}: .*)")
_FAILED = re.compile(r"Newman run failed with:\s*\n(.+)")


def known_id(variant: Variant) -> str:
    """Return the id of a profile that the server has, for tools that retrieve the one of an example."""
    data = variant.data()
    return next(one.id for one in data.clinicians() if one.organisation_id == data.own.id)


class NodeTool(Tool):
    """A tool that npm has installed. ``package`` is its folder, ``needs`` a program beside Node."""

    package: str
    needs: str | None = None

    @property
    def version(self) -> str | None:
        """Return the version in its package.json."""
        try:
            content = json.loads((MODULES / self.package / "package.json").read_text("utf-8"))
        except OSError:
            return None
        return str(content["version"])

    @property
    def missing(self) -> str | None:
        if not self.version:
            return "run: make bench-tools"
        program = next((one for one in ("node", self.needs) if one and not shutil.which(one)), None)
        return f"needs {program}" if program else None

    def run(self, variant: Variant, target: Target) -> ToolReport:
        """Check a server in a folder of its own, which the tool fills with reports."""
        with tempfile.TemporaryDirectory() as folder:
            return self.check(Path(folder), known_id(variant), target)

    def check(self, folder: Path, known: str, target: Target) -> ToolReport:
        """Check a server that has the profile ``known``."""
        raise NotImplementedError


class Specmatic(NodeTool):
    """``specmatic test`` with the contract and one example: a profile that the server has."""

    name = "specmatic"
    label = "Specmatic, stock"
    package = "specmatic"
    needs = "java"

    def check(self, folder: Path, known: str, target: Target) -> ToolReport:
        """Return each failed scenario with the rules that it broke."""
        (folder / "examples").mkdir()
        example = json.dumps(_example(known))
        (folder / "examples/one.json").write_text(example, "utf-8")
        shutil.copy(document_path(), folder / "openapi.yaml")
        # Short runs end before the second compiler of Java pays off.
        command = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar"]
        command += [str(MODULES / "specmatic/specmatic.jar"), "test", "openapi.yaml"]
        command += ["--examples", "examples", "--testBaseURL", target.base_url]
        command += ["--junitReportDir", "report"]
        # It takes the key of a security scheme from the variable with the name of the scheme.
        status, output = run_command(command, target, str(folder), {"bearer": target.own_key})
        report = folder / "report/TEST-junit-jupiter.xml"
        if status is None or not report.is_file():
            return ToolReport(problem=output[-500:])
        return ToolReport(sorted(set(failed_scenarios(report))))


def _example(known: str) -> dict[str, Any]:
    """Return a request for a profile with a response, in the format of Specmatic's examples."""
    members = load().schema("ClinicianProfile")["properties"]
    profile = {name: member.get("example") for name, member in members.items()} | {"id": known}
    return {
        "http-request": {"method": "GET", "path": f"/clinician-profiles/{known}"},
        "http-response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": {"data": profile, "meta": {"request_id": "req_1"}},
        },
    }


def failed_scenarios(report: Path) -> list[str]:
    """Return the failed scenarios of a JUnit report, each with the rules and the places that it names."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (written by the tool)
        failure = case.find("failure")
        if failure is None:
            failure = case.find("error")
        if failure is not None:
            scenario = str(case.get("name")).rpartition("Scenario: ")[2]
            rules = _RULE.findall(f"{failure.get('message') or ''}\n{failure.text or ''}")
            # The places of rows differ between servers; the members do not.
            named = sorted({re.sub(r"\[\d+\]", "[]", rule.strip()) for rule in rules})
            found.append(f"{scenario}: {', '.join(named)}")
    return found


class Portman(NodeTool):
    """``portman --runNewman`` with its default tests, and the id of a profile that the server has."""

    name = "portman"
    label = "Portman, stock"
    package = "@apideck/portman"

    def check(self, folder: Path, known: str, target: Target) -> ToolReport:
        """Return the names of the tests that failed."""
        contract = document_path().read_text("utf-8").replace(_EXAMPLE_ID, known)
        (folder / "openapi.yaml").write_text(contract, "utf-8")
        command = ["node", str(MODULES / "@apideck/portman/bin/portman"), "-l", "openapi.yaml"]
        command += ["-b", target.base_url, "--runNewman"]
        variables = {"PORTMAN_BEARER_TOKEN": target.own_key}
        status, output = run_command(command, target, str(folder), variables)
        failed = _FAILED.search(output)
        if status is None or (status and not failed):
            return ToolReport(problem=output[-500:])
        return ToolReport(sorted(set(failed[1].split(", "))) if failed else [])
