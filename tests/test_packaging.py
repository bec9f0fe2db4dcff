"""Lock files, wheel and entry points."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import conformance

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NODE_LOCK = ROOT / ".ci" / "lint" / "package-lock.json"
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?P<rest>.*)$")
ADDRESS = re.compile(
    r"://|file:/|--(index|extra-index|find-links|trusted)|\w\.(com|dev|io|net|org)\b"
)


def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def locked(lock: Path) -> dict[str, str]:
    """Return name → version of the packages that a lock file pins."""
    lines = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    found = [
        PINNED.match(line) for line in lines if line.strip() and not line.lstrip().startswith("#")
    ]
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def unmet(requirements: list[str], lock: Path) -> Iterator[str]:
    pins = locked(lock)
    for requirement in map(Requirement, requirements):
        version = pins.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement} (locked: {version})"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    lines = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    pins = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert pins
    for line in pins:
        pin = PINNED.match(line)
        assert pin, f"not a pin: {line}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", pin["rest"]), line


@pytest.mark.parametrize("lock", [*LOCKS, NODE_LOCK], ids=lambda lock: lock.name)
def test_no_lock_contains_an_address(lock: Path) -> None:
    found = [line for line in lock.read_text("utf-8").splitlines() if ADDRESS.search(line)]
    assert found == []


def test_the_locks_meet_the_declared_requirements() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    run, dev = ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt"
    declared = [*project()["dependencies"], *build, "editables"]
    assert list(unmet(declared, run)) == []
    assert list(unmet([*declared, *project()["optional-dependencies"]["dev"]], dev)) == []


def test_development_installs_the_versions_of_a_run() -> None:
    """Otherwise `make test` after `make conformance` would change installed versions."""
    run, dev = (locked(ROOT / "requirements" / name) for name in ("run.txt", "dev.txt"))
    assert {name: dev.get(name) for name in run} == run


def test_the_node_lock_holds_a_hash_for_each_package() -> None:
    packages = json.loads(NODE_LOCK.read_text("utf-8"))["packages"]
    manifest = json.loads((NODE_LOCK.parent / "package.json").read_text("utf-8"))
    assert packages.pop("")["dependencies"] == manifest["dependencies"]
    assert [name for name, package in packages.items() if not package.get("integrity")] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with zipfile.ZipFile(next(target.glob("*.whl"))) as archive:
        yield archive


def test_the_wheel_holds_the_contract(wheel: zipfile.ZipFile) -> None:
    for name in ("openapi.yaml", "schemathesis.toml"):
        assert wheel.read(f"conformance/{name}") == (ROOT / name).read_bytes()


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: zipfile.ZipFile) -> None:
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    files = [path.relative_to(ROOT) for path in (ROOT / "conformance").rglob("*") if path.is_file()]
    unshipped = re.compile(r"\.|__pycache__$")
    present = {path.as_posix() for path in files if not any(map(unshipped.match, path.parts))}
    assert shipped == present | {"conformance/openapi.yaml", "conformance/schemathesis.toml"}


def test_the_metadata_of_the_wheel(wheel: zipfile.ZipFile) -> None:
    info = f"clinician_profiles_conformance-{conformance.__version__}.dist-info"
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert "\nName: clinician-profiles-conformance\n" in metadata
    assert f"\nVersion: {conformance.__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert wheel.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    entry_points = wheel.read(f"{info}/entry_points.txt").decode()
    assert "[console_scripts]\nconformance = conformance.cli.main:script\n" in entry_points
    assert "[pytest11]\nconformance = conformance.plugin\n" in entry_points


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tarfile.TarFile]:
    target = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(target)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with tarfile.open(next(target.glob("*.tar.gz"))) as archive:
        yield archive


def test_the_sdist_holds_what_the_wheel_is_built_from(
    wheel: zipfile.ZipFile, sdist: tarfile.TarFile
) -> None:
    """And no link, no absolute path, and nothing that a machine has left behind."""
    members = {member.name.partition("/")[2]: member for member in sdist.getmembers()}
    moved = {f"conformance/{name}": name for name in ("openapi.yaml", "schemathesis.toml")}
    packaged = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {moved.get(name, name) for name in packaged} <= members.keys()
    assert all(member.isfile() for member in members.values())
    assert not {
        name for name in members if re.search(r"(^|/)(\.venv|reports|__pycache__)/|\.pyc$", name)
    }
    assert {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= members.keys()


def test_the_metadata_can_be_published(wheel: zipfile.ZipFile) -> None:
    """It is valid, and names the format of the README; `make package` runs twine as well."""
    name = f"clinician_profiles_conformance-{conformance.__version__}.dist-info/METADATA"
    metadata = Metadata.from_email(wheel.read(name), validate=True)
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text("utf-8")
    assert str(metadata.requires_python) == ">=3.11"


def test_the_entry_points_can_be_loaded() -> None:
    (script,) = project()["scripts"].items()
    (plugin,) = project()["entry-points"]["pytest11"].items()
    assert callable(EntryPoint(script[0], script[1], "console_scripts").load())
    assert EntryPoint(plugin[0], plugin[1], "pytest11").load()
