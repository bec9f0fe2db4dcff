"""A client that openapi-python-client generates from the document gets typed objects from the server."""

from __future__ import annotations

import datetime
import importlib
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from conformance.contract.document import document_path
from conformance.reference import seed
from conformance.reference.people import Clinician
from conformance.reference.schema import MEMBERS
from conformance.reference.server import EmbeddedServer

PACKAGE = "generated_clinician_profiles_client"
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")


class Generated:
    """The generated package: its modules, and a client for each kind of caller."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client = self.module("client")
        self.models = self.module("models")
        self.list = self.module("api.clinician_profiles.list_clinician_profiles")
        self.retrieve = self.module("api.clinician_profiles.get_clinician_profile")

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}")

    def with_key(self, key: str) -> Any:
        return self.client.AuthenticatedClient(base_url=self.base_url, token=key)

    def without_key(self) -> Any:
        return self.client.Client(base_url=self.base_url)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(rate_limit=0) as server:
        yield server


@pytest.fixture(scope="module")
def generated(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n", "utf-8")  # by default it would run a formatter
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--path", str(document_path()), "--config", str(config)]
    command += ["--meta", "none", "--output-path", str(folder / PACKAGE)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield Generated(server.base_url)
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def client(generated: Generated, server: EmbeddedServer) -> Iterator[Any]:
    with generated.with_key(server.own_key) as client:
        yield client


@pytest.fixture(scope="module")
def own(server: EmbeddedServer) -> list[Clinician]:
    """Return the clinicians of the own organisation, in the order of the list."""
    clinicians = server.seed.clinicians()
    found = [one for one in clinicians if one.organisation_id == server.seed.own.id]
    return sorted(found, key=lambda one: (one.created_at, one.id))


def as_seeded(profile: Any) -> dict[str, Any]:
    """Return the JSON of a typed profile."""
    plain: dict[str, Any] = profile.to_dict()
    return {member: plain[member] for member in MEMBERS}


def every(generated: Generated, client: Any, **filters: Any) -> list[Any]:
    """Return all profiles of a filtered list, read page by page as the document describes."""
    found: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        page = generated.list.sync(client=client, limit=100, offset=offset, **filters)
        assert isinstance(page, generated.models.ClinicianProfileListEnvelope)
        found += page.data
        offset = page.meta.next_offset
        assert page.meta.has_more is (offset is not None)
    return found


def ids(profiles: list[Any]) -> list[str]:
    return [str(profile.id) for profile in profiles]


def test_generator_supports_the_whole_document(generated: Generated) -> None:
    """The generator omits unsupported constructs, with a warning at most."""
    assert set(generated.models.__all__) == {
        "ClinicianProfile",
        "ClinicianProfileEnvelope",
        "ClinicianProfileListEnvelope",
        "ErrorDetail",
        "ErrorEnvelope",
        "ErrorEnvelopeDataType0",  # the object that `data` of an error could be, if it were not null
        "ListMeta",
        "Meta",
    }
    assert tuple(generated.models.ClinicianProfile.__annotations__)[: len(MEMBERS)] == MEMBERS


def test_page_is_typed(generated: Generated, client: Any, own: list[Clinician]) -> None:
    response = generated.list.sync_detailed(client=client, limit=7, offset=14)
    assert response.status_code == 200
    page = response.parsed
    assert isinstance(page, generated.models.ClinicianProfileListEnvelope)
    assert isinstance(page.meta, generated.models.ListMeta)
    assert (page.meta.limit, page.meta.has_more, page.meta.next_offset) == (7, True, 21)
    assert page.meta.request_id == response.headers["X-Request-Id"]
    assert ids(page.data) == [one.id for one in own[14:21]]
    for profile in page.data:
        assert isinstance(profile, generated.models.ClinicianProfile)
        assert isinstance(profile.id, UUID)
        assert isinstance(profile.is_active, bool)
        assert isinstance(profile.created_at, datetime.datetime)
        assert profile.created_at.tzinfo is not None
        assert profile.additional_properties == {}


def test_defaults_are_those_of_the_document(generated: Generated, client: Any) -> None:
    page = generated.list.sync(client=client)
    assert (len(page.data), page.meta.limit, page.meta.next_offset) == (20, 20, 20)


def test_pages_make_up_the_directory(
    generated: Generated, client: Any, own: list[Clinician]
) -> None:
    profiles = every(generated, client)
    assert len(profiles) == seed.OWN_CLINICIANS
    for profile, record in zip(profiles, own, strict=True):
        expected = {member: getattr(record, member) for member in MEMBERS}
        found = as_seeded(profile)
        for member in ("created_at", "updated_at"):  # typed, so the spelling of the zone may differ
            expected[member] = datetime.datetime.fromisoformat(expected[member])
            found[member] = datetime.datetime.fromisoformat(found[member])
        assert found == expected


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("member", ["is_active", "is_bookable_online"])
def test_boolean_filters(
    generated: Generated, client: Any, own: list[Clinician], member: str, wanted: bool
) -> None:
    expected = [one.id for one in own if getattr(one, member) is wanted]
    assert 0 < len(expected) < len(own)
    assert ids(every(generated, client, **{member: wanted})) == expected


def test_the_location_filter(
    generated: Generated, client: Any, server: EmbeddedServer, own: list[Clinician]
) -> None:
    location = next(one for one in server.seed.own.locations() if any_at(own, one.id))
    expected = [one.id for one in own if location.id in one.location_ids]
    assert ids(every(generated, client, location_id=UUID(location.id))) == expected
    assert every(generated, client, location_id=UNKNOWN) == []


def any_at(own: list[Clinician], location_id: str) -> bool:
    return any(location_id in one.location_ids for one in own)


def test_search(generated: Generated, client: Any, own: list[Clinician]) -> None:
    record = next(one for one in own if one.email)
    found = every(generated, client, search=record.email)
    assert record.id in ids(found)
    assert {profile.email for profile in found} == {record.email}
    assert every(generated, client, search="qwzxvbnmkjh") == []


def test_combined_filters(generated: Generated, client: Any, own: list[Clinician]) -> None:
    found = every(generated, client, is_active=True, is_bookable_online=False)
    assert ids(found) == [one.id for one in own if one.is_active and not one.is_bookable_online]


def test_retrieve_is_typed(generated: Generated, client: Any, own: list[Clinician]) -> None:
    for record in own[:3]:
        single = generated.retrieve.sync(UUID(record.id), client=client)
        assert isinstance(single, generated.models.ClinicianProfileEnvelope)
        assert isinstance(single.data, generated.models.ClinicianProfile)
        assert isinstance(single.meta, generated.models.Meta)
        assert (str(single.data.id), single.data.name) == (record.id, record.name)


def refusal(generated: Generated, response: Any) -> tuple[int, str]:
    """Return the status code and error code of a typed error."""
    error = response.parsed
    assert isinstance(error, generated.models.ErrorEnvelope)
    assert isinstance(error.error, generated.models.ErrorDetail)
    assert error.data is None
    assert error.error.message
    assert error.meta.request_id == response.headers["X-Request-Id"]
    return int(response.status_code), error.error.code


def test_errors_are_typed(
    generated: Generated, client: Any, server: EmbeddedServer, own: list[Clinician]
) -> None:
    list_, retrieve = generated.list.sync_detailed, generated.retrieve.sync_detailed
    unknown = retrieve(UNKNOWN, client=client)
    assert refusal(generated, unknown) == (404, "NOT_FOUND")
    assert refusal(generated, list_(client=client, limit=101)) == (400, "INVALID_PARAMETER")
    with generated.with_key(server.other_key) as other:
        foreign = retrieve(UUID(own[0].id), client=other)
        assert refusal(generated, foreign) == (404, "NOT_FOUND")
    with generated.with_key(server.seed.unscoped_key.key) as unscoped:
        assert refusal(generated, list_(client=unscoped)) == (403, "FORBIDDEN")


def test_request_without_a_valid_key_gets_a_typed_401(
    generated: Generated, own: list[Clinician]
) -> None:
    for caller in (generated.without_key(), generated.with_key("pk_test_unknown")):
        with caller as client:
            listed = generated.list.sync_detailed(client=client)
            assert refusal(generated, listed) == (401, "UNAUTHORIZED")
            retrieved = generated.retrieve.sync_detailed(UUID(own[0].id), client=client)
            assert refusal(generated, retrieved) == (401, "UNAUTHORIZED")
