"""Labels of a run: what a user gives, and what a CI system says of its build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from conformance.text.printable import visible
from conformance.text.wording import shorten

_LONGEST = 200
_BRANCH = "refs/heads/"


@dataclass(frozen=True)
class _System:
    """A CI system: the variable that says that a job runs there, and the variables of each label.

    The first variable that is set counts. ``url`` names the parts of the build's URL, joined as they are;
    words without upper-case letters are themselves.
    """

    mark: str
    commit: tuple[str, ...]
    branch: tuple[str, ...]
    build: tuple[str, ...]
    url: tuple[str, ...]


_SYSTEMS = (
    _System(  # GitHub Actions
        "GITHUB_ACTIONS",
        ("GITHUB_SHA",),
        ("GITHUB_HEAD_REF", "GITHUB_REF_NAME"),
        ("GITHUB_RUN_NUMBER",),
        ("GITHUB_SERVER_URL", "/", "GITHUB_REPOSITORY", "/actions/runs/", "GITHUB_RUN_ID"),
    ),
    _System(  # GitLab CI
        "GITLAB_CI",
        ("CI_COMMIT_SHA",),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"),
        ("CI_PIPELINE_ID",),
        ("CI_JOB_URL",),
    ),
    _System(  # Azure Pipelines
        "TF_BUILD",
        ("BUILD_SOURCEVERSION",),
        ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"),
        ("BUILD_BUILDNUMBER",),
        (
            *("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT"),
            *("/_build/results?buildId=", "BUILD_BUILDID"),
        ),
    ),
    _System(  # Jenkins
        "JENKINS_URL",
        ("GIT_COMMIT",),
        ("CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"),
        ("BUILD_NUMBER",),
        ("BUILD_URL",),
    ),
)


def of_ci(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the labels of the CI system that runs this process: commit, branch, build, build-url.

    Only variables that hold no secret are read; credentials in a URL are left out. Nothing outside of CI.
    """
    for system in _SYSTEMS:
        if environment.get(system.mark):
            return dict(_labels(system, environment))
    return {}


def _labels(system: _System, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, variables in (
        ("commit", system.commit),
        ("branch", system.branch),
        ("build", system.build),
    ):
        found = next((environment[item] for item in variables if environment.get(item)), "")
        if text := _plain(found.removeprefix(_BRANCH)):
            yield name, text
    parts = [environment.get(part, "") if part.isupper() else part for part in system.url]
    if all(parts) and (url := _without_credentials("".join(parts))):
        yield "build-url", url


def _without_credentials(url: str) -> str:
    """Return a URL without user and password; empty if it is not a URL."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return _plain(urlunsplit((parts.scheme, host + port, parts.path, parts.query, "")))


def _plain(text: str) -> str:
    return shorten(visible(" ".join(text.split())), _LONGEST)
