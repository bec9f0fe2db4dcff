"""Labels of a run: given by the user, or read from the variables of a CI system."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.running.labels import of_ci
from tests.support.in_process import call
from tests.support.processes import OWN_KEY
from tests.support.resolving import refused, settings_from

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": "0f3c9a7",
    "GITHUB_HEAD_REF": "",
    "GITHUB_REF_NAME": "main",
    "GITHUB_RUN_NUMBER": "42",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "example/api",
    "GITHUB_RUN_ID": "123456",
    "GITHUB_TOKEN": "a secret",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": "0f3c9a7",
    "CI_COMMIT_REF_NAME": "main",
    "CI_PIPELINE_ID": "42",
    "CI_JOB_URL": "https://gitlab.example.com/example/api/-/jobs/7",
    "CI_JOB_TOKEN": "a secret",
    "CI_REPOSITORY_URL": "https://gitlab-ci-token:secret@gitlab.example.com/example/api.git",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.com/",
    "GIT_COMMIT": "0f3c9a7",
    "GIT_BRANCH": "main",
    "BUILD_NUMBER": "42",
    "BUILD_URL": "https://user:secret@ci.example.com:8443/job/api/42/",
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_SOURCEVERSION": "0f3c9a7",
    "BUILD_SOURCEBRANCH": "refs/heads/main",
    "BUILD_BUILDNUMBER": "42",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/example/",
    "SYSTEM_TEAMPROJECT": "api",
    "BUILD_BUILDID": "7",
    "SYSTEM_ACCESSTOKEN": "a secret",
}


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        (GITHUB, "https://github.com/example/api/actions/runs/123456"),
        (GITLAB, "https://gitlab.example.com/example/api/-/jobs/7"),
        (JENKINS, "https://ci.example.com:8443/job/api/42/"),
        (AZURE, "https://dev.azure.com/example/api/_build/results?buildId=7"),
    ],
    ids=["github", "gitlab", "jenkins", "azure"],
)
def test_a_ci_system_names_its_build_and_no_secret(environment: dict[str, str], url: str) -> None:
    found = of_ci(environment)
    assert found == {"commit": "0f3c9a7", "branch": "main", "build": "42", "build-url": url}
    assert "secret" not in str(found)


def test_a_pull_request_has_the_name_of_its_branch() -> None:
    assert of_ci(GITHUB | {"GITHUB_HEAD_REF": "fix"})["branch"] == "fix"


def test_variables_that_are_missing_or_broken_give_no_label() -> None:
    assert of_ci({}) == {}
    assert of_ci({"GITHUB_SHA": "0f3c9a7"}) == {}
    assert of_ci({"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "1"}) == {}
    for url in ("not a URL", "http://[", "http://host:port/", "file:///etc/passwd"):
        assert "build-url" not in of_ci(JENKINS | {"BUILD_URL": url})


def test_control_characters_of_a_variable_are_visible() -> None:
    assert of_ci(JENKINS | {"GIT_BRANCH": "a\x1b[31m\nb"})["branch"] == "a\\x1b[31m b"


def test_labels_come_from_all_three_sources(tmp_path: Path) -> None:
    wanted = (("build", "42"), ("env", "a=b, c"))
    assert settings_from(tmp_path, {"label": ("build=42", "env=a=b, c")}).labels == wanted
    in_environment = {"CONFORMANCE_LABEL": "build=42\nenv=a=b, c\n"}
    assert settings_from(tmp_path, {}, in_environment).labels == wanted
    in_file = 'label = ["build=42", "env=a=b, c"]'
    assert settings_from(tmp_path, {}, {}, in_file).labels == wanted


@pytest.mark.parametrize(
    "label", ["build", "=42", "bu ild=42", "build=", "build=\x1b", f"build={'x' * 201}"]
)
def test_a_label_of_another_form_is_refused(tmp_path: Path, label: str) -> None:
    assert refused(tmp_path, {"label": (label,)}).startswith("--label: ")


def test_one_label_has_one_value(tmp_path: Path) -> None:
    assert "given twice" in refused(tmp_path, {"label": ("build=1", "build=2")})


def test_every_form_and_a_replay_have_the_labels(tmp_path: Path) -> None:
    given: tuple[str, ...] = (
        "--label",
        "version=2.4",
        "--depth",
        "smoke",
        "--report-dir",
        "report",
    )
    given += ("--label", f"mistake={OWN_KEY}")
    ran = call(tmp_path, "run", *given, **GITHUB)
    assert ran.status == 0, ran.text
    labels = ran.report("report")["labels"]
    assert labels["version"] == "2.4"
    assert labels["commit"] == "0f3c9a7"
    assert "branch main" in ran.out
    for name in ("report.html", "junit.xml"):
        assert "0f3c9a7" in (tmp_path / "report" / name).read_text("utf-8")
    for path in (tmp_path / "report").iterdir():
        assert OWN_KEY not in path.read_text("utf-8"), path
    replay = ("run", "--replay", "report/transcript.har", "--report-dir", "replayed")
    replayed = call(tmp_path, *replay, "--label", "by=hand", **GITHUB | {"GITHUB_SHA": "other"})
    assert replayed.report("replayed")["labels"] == labels | {"by": "hand"}
