"""Clients that openapi-generator makes for Python and Go: they compile, and call the embedded server.

``make generators`` installs the generator and names it in the environment. Without it, or without Java or Go,
the tests are skipped.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conformance.contract.document import document_path
from conformance.reference import seed
from conformance.reference.server import EmbeddedServer

GENERATOR = os.environ.get("OPENAPI_GENERATOR_JAR", "")
PACKAGE = "openapi_generator_client"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
MODELS = {
    "ClinicianProfile",
    "ClinicianProfileEnvelope",
    "ClinicianProfileListEnvelope",
    "ErrorDetail",
    "ErrorEnvelope",
    "ListMeta",
    "Meta",
}
ONLY = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"

GO_TEST = """package client

import (
	"context"
	"os"
	"testing"
)

func TestCalls(t *testing.T) {
	configuration := NewConfiguration()
	configuration.Servers = ServerConfigurations{{URL: os.Getenv("BASE_URL")}}
	api := NewAPIClient(configuration).ClinicianProfilesAPI
	key := context.WithValue(context.Background(), ContextAccessToken, os.Getenv("KEY"))

	seen, offset := 0, int32(0)
	for {
		page, _, err := api.ListClinicianProfiles(key).Limit(100).Offset(offset).Execute()
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.Data)
		if !page.Meta.HasMore {
			break
		}
		offset = *page.Meta.NextOffset.Get()
	}
	if seen != %d {
		t.Fatalf("%%d profiles", seen)
	}

	_, response, err := api.GetClinicianProfile(key, "%s").Execute()
	failure, typed := err.(*GenericOpenAPIError).Model().(ErrorEnvelope)
	if response.StatusCode != 404 || !typed || failure.Data != nil || failure.Error.Code != "NOT_FOUND" {
		t.Fatal(response.StatusCode, typed, failure)
	}
}
"""


def needs(program: str) -> str:
    """Return the path of a program, or skip the test."""
    path = shutil.which(program)
    return path or pytest.skip(f"{program} is not installed")


def executed(command: Sequence[str], folder: Path, **variables: str) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def generated(language: str, folder: Path) -> Path:
    """Generate a client into a folder, and return it."""
    if not GENERATOR:
        pytest.skip("openapi-generator is not installed: make generators")
    command = [needs("java"), "-jar", GENERATOR, "generate", "-g", language]
    command += ["-i", str(document_path()), "-o", str(folder)]
    command += ["--package-name", PACKAGE if language == "python" else "client"]
    executed([*command, "--global-property", f"models,apis,supportingFiles,{ONLY}"], folder)
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(rate_limit=0) as server:
        yield server


@pytest.fixture
def package(tmp_path: Path) -> Iterator[ModuleType]:
    """Generate the client for Python, and import it."""
    folder = generated("python", tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.mark.timeout(900, method="thread")
def test_the_client_for_python_gets_typed_objects(
    package: ModuleType, server: EmbeddedServer
) -> None:
    def api(key: str) -> Any:
        configuration = package.Configuration(host=server.base_url, access_token=key)
        return package.ClinicianProfilesApi(package.ApiClient(configuration))

    own = api(server.own_key)
    assert set(vars(importlib.import_module(f"{PACKAGE}.models"))) >= MODELS
    found: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        page = own.list_clinician_profiles(limit=100, offset=offset, is_active=True)
        assert isinstance(page, package.ClinicianProfileListEnvelope)
        assert page.meta.has_more is (page.meta.next_offset is not None)
        found += page.data
        offset = page.meta.next_offset
    assert 0 < len(found) < seed.OWN_CLINICIANS
    for profile in (found[0], own.get_clinician_profile(found[0].id).data):
        assert isinstance(profile, package.ClinicianProfile)
        assert profile.is_active is True
        assert profile.created_at.tzinfo is not None

    for key, id_, status, code in (
        (server.own_key, UNKNOWN, 404, "NOT_FOUND"),
        (server.other_key, str(found[0].id), 404, "NOT_FOUND"),
        ("pk_test_unknown", UNKNOWN, 401, "UNAUTHORIZED"),
    ):
        with pytest.raises(package.ApiException) as refused:
            api(key).get_clinician_profile(id_)
        error = refused.value.data
        assert isinstance(error, package.ErrorEnvelope)
        assert error.data is None
        assert (refused.value.status, error.error.code) == (status, code)


@pytest.mark.timeout(900, method="thread")
def test_the_client_for_go_compiles_and_gets_typed_objects(
    tmp_path: Path, server: EmbeddedServer
) -> None:
    folder = generated("go", tmp_path)
    go = needs("go")
    (folder / "client_test.go").write_text(GO_TEST % (seed.OWN_CLINICIANS, UNKNOWN), "utf-8")
    # Nothing is fetched: the client needs the standard library alone.
    offline = {"GOPROXY": "off", "GOTOOLCHAIN": "local"}
    executed([go, "vet", "."], folder, **offline)
    calls = {"BASE_URL": server.base_url, "KEY": server.own_key}
    executed([go, "test", "-count=1", "."], folder, **offline, **calls)
