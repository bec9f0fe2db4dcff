"""The action, the image and the templates for CI systems: safe, complete, and in step with the settings."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

import conformance
from conformance import report
from conformance.running.table import TABLE
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE
from tests.support.processes import OTHER_KEY, OWN_KEY, surroundings

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "ci-templates"
OURS = {"CONFORMANCE_PACKAGE"}
"""Variables of the templates that are no settings."""


def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def test_no_input_is_part_of_a_command() -> None:
    """A text from a workflow reaches the shell in variables only."""
    steps = action()["runs"]["steps"]
    assert [step for step in steps if "${{" in step.get("run", "")] == []
    given = {value for step in steps for value in step.get("env", {}).values()}
    assert all(re.fullmatch(r"\$\{\{ inputs\.[a-z-]+ \}\}", value) for value in given)


def test_each_input_of_the_action_is_used_and_exists() -> None:
    content = action()
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(content["inputs"])
    assert set(re.findall(r"outputs\.([a-z-]+)", text)) == set(content["outputs"])


def test_other_actions_are_pinned_to_a_commit() -> None:
    uses = [step["uses"] for step in action()["runs"]["steps"] if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in uses)


@pytest.mark.parametrize("name", ["action.yml", *(path.name for path in TEMPLATES.iterdir())])
def test_each_variable_is_a_setting(name: str) -> None:
    path = ROOT / name if name == "action.yml" else TEMPLATES / name
    known = {row.variable for row in TABLE} | {KEY_VARIABLE, OTHER_KEY_VARIABLE} | OURS
    assert set(re.findall(r"CONFORMANCE_[A-Z_]+", path.read_text("utf-8"))) <= known


def conformance_in(folder: Path) -> Path:
    """Return a file that starts the command of this checkout."""
    path = folder / "conformance-here"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
    path.chmod(0o755)
    return path


def step(folder: Path, **variables: str) -> tuple[int, dict[str, str]]:
    """Run the step of the action in a folder; return its status and its outputs."""
    output = folder / "output"
    output.write_text("")
    given = {
        "CONFORMANCE": str(conformance_in(folder)),
        "CONFORMANCE_BASE_URL": "http://127.0.0.1:9/api-v1",
        "CONFORMANCE_API_KEY": OWN_KEY,
        "CONFORMANCE_OTHER_API_KEY": "",
        "CONFORMANCE_REPORT_DIR": "report",
        "GITHUB_OUTPUT": str(output),
    }
    ended = subprocess.run(
        [str(ROOT / ".ci" / "action")],
        cwd=folder,
        env=surroundings(**given | variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = output.read_text().splitlines()
    assert OWN_KEY not in ended.stdout + ended.stderr
    return ended.returncode, dict(line.split("=", 1) for line in lines)


def test_the_step_passes_on_status_and_verdict(tmp_path: Path) -> None:
    status, outputs = step(tmp_path, INPUT_OPTIONS="--rate=50/s\n\n--no-writes\n")
    assert status == 4
    assert outputs == {"exit-status": "4", "verdict": "untestable", "report-dir": "report"}
    assert (tmp_path / "report" / "junit.xml").is_file()


def test_an_option_is_one_argument_and_no_command(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text('{"verdict": "conformant"}')
    for text in ("$(touch broken)", "--rate=5/s; touch broken"):
        status, outputs = step(tmp_path, INPUT_OPTIONS=text)
        assert (status, outputs["verdict"]) == (2, ""), "an earlier report is not this one's"
    assert not (tmp_path / "broken").exists()


FLEET = "kubernetes-indexed-job.yaml"


def pods() -> Iterator[Any]:
    for document in yaml.safe_load_all((TEMPLATES / "kubernetes-cronjob.yaml").read_text("utf-8")):
        if document["kind"] == "CronJob":
            yield document["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_the_pod_has_no_rights_and_no_keys_in_its_text() -> None:
    (pod,) = pods()
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for item in container["env"]:
        if "API_KEY" in item["name"]:
            assert item["valueFrom"]["secretKeyRef"]["name"] == "conformance"
    assert container["image"].endswith(f":{conformance.__version__}")
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted == {"reports": "/work", "tmp": "/tmp"}
    assert mounted.keys() == {volume["name"] for volume in pod["volumes"]}


def fleet(kind: str, name: str) -> Any:
    """Return a resource of the Indexed Job's file."""
    for document in yaml.safe_load_all((TEMPLATES / FLEET).read_text("utf-8")):
        if (document["kind"], document["metadata"]["name"]) == (kind, name):
            return document
    raise AssertionError(f"no {kind} {name}")


def test_the_pods_of_a_fleet_have_the_rights_of_the_nightly_one() -> None:
    (nightly,) = pods()
    for name in ("conformance-fleet", "conformance-merge"):
        pod = fleet("Job", name)["spec"]["template"]["spec"]
        assert pod["securityContext"] == nightly["securityContext"]
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert container["securityContext"] == nightly["containers"][0]["securityContext"]
        assert container["image"] == nightly["containers"][0]["image"]
        assert "env" not in container, "keys come from files"
        mounted = {mount["name"]: mount for mount in container["volumeMounts"]}
        assert mounted.keys() == {volume["name"] for volume in pod["volumes"]}
        assert (mounted["reports"]["mountPath"], mounted["tmp"]["mountPath"]) == ("/work", "/tmp")
        assert ("keys" in mounted) == (name == "conformance-fleet"), "merging needs no key"


def test_each_target_of_the_list_has_a_pod_and_stops_no_other() -> None:
    job = fleet("Job", "conformance-fleet")["spec"]
    targets = fleet("ConfigMap", "conformance-fleet")["data"]["targets"].splitlines()
    assert (job["completionMode"], job["completions"]) == ("Indexed", len(targets))
    assert job["backoffLimitPerIndex"] == 0
    assert "backoffLimit" not in job
    assert fleet("Job", "conformance-merge")["spec"]["suspend"] is True


def run_script(folder: Path, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the Indexed Job's ConfigMap with the command of this checkout."""
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    conformance_in(commands).rename(commands / "conformance")
    script = folder / name
    script.write_text(fleet("ConfigMap", "conformance-fleet")["data"][name], "utf-8")
    given = surroundings(LIST=str(folder / "list"), KEYS=str(folder / "keys"), **variables)
    return subprocess.run(
        ["sh", str(script)],
        cwd=folder,
        env=given | {"PATH": f"{commands}:{given['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_pod_judges_its_target_and_merge_misses_none(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(
        "# staging\n\na http://127.0.0.1:9/api-v1\n b   http://127.0.0.1:9/b\nc http://c.example"
    )
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "b.api-key").write_text(OWN_KEY)
    (tmp_path / "keys" / "b.other-api-key").write_text(OTHER_KEY)
    judged = run_script(tmp_path, "judge.sh", JOB_COMPLETION_INDEX="1")
    assert judged.returncode == 4, judged.stderr
    assert OWN_KEY not in judged.stdout + judged.stderr
    result = report.read(tmp_path / "reports" / "b")
    assert result["target"]["base_url"] == "http://127.0.0.1:9/b"
    assert result["target"]["identities"]["other"]
    assert result["labels"]["target"] == "b"
    merged = run_script(tmp_path, "merge.sh")
    assert merged.returncode == 2, "two targets have no report"
    rows = json.loads((tmp_path / "overview" / "merge.json").read_text("utf-8"))["targets"]
    assert [(row["path"], row["state"]) for row in rows] == [
        ("reports/a", "unusable"),
        ("reports/c", "unusable"),
        ("reports/b", "open"),
    ]


def test_a_pod_without_a_line_or_a_key_says_so(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("a http://127.0.0.1:9/api-v1\n")
    beyond = run_script(tmp_path, "judge.sh", JOB_COMPLETION_INDEX="1")
    assert (beyond.returncode, "number of targets" in beyond.stderr) == (2, True)
    without = run_script(tmp_path, "judge.sh", JOB_COMPLETION_INDEX="0")
    assert (without.returncode, "a.api-key cannot be read" in without.stderr) == (2, True)


def test_the_image_runs_without_root_on_the_lock_file() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    (user,) = re.findall(r"^USER (\d+):(\d+)$", text, re.MULTILINE)
    (pod,) = pods()
    assert user == (
        str(pod["securityContext"]["runAsUser"]),
        str(pod["securityContext"]["runAsGroup"]),
    )
    assert "--require-hashes -r requirements/run.txt" in text
    assert "WORKDIR /work" in text


def test_the_image_gets_every_file_that_it_copies_and_no_other() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for name in line.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)
    assert any(fnmatch("conformance/__pycache__", line) for line in ignored[1:])


def test_gitlab_keeps_the_report_whatever_the_verdict() -> None:
    job = yaml.safe_load((TEMPLATES / "gitlab.yml").read_text("utf-8"))["conformance"]
    folder = job["variables"]["CONFORMANCE_REPORT_DIR"]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["paths"] == [f"{folder}/"]
    assert job["artifacts"]["reports"]["junit"] == f"{folder}/junit.xml"
    assert "allow_failure" not in job


def test_jenkins_puts_no_parameter_into_its_script() -> None:
    """Groovy fills in what stands between double quotation marks."""
    text = (TEMPLATES / "Jenkinsfile").read_text("utf-8")
    (script,) = re.findall(r"sh (.)''(.*?)'''", text, re.DOTALL)
    assert script[0] == "'"
    assert "params." not in script[1]
    assert "credentials('conformance-api-key')" in text
    assert set(re.findall(r"conformance-report/([^']+)", text)) == {"junit.xml", "**"}
