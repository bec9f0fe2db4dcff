"""Keys, organisations and scopes: the data of each key, and the errors for other keys."""

from __future__ import annotations

import httpx
import pytest

from conformance.reference import seed
from conformance.reference.people import Clinician
from conformance.reference.server import EmbeddedServer
from tests.reference.conftest import as_json, client_for

UNKNOWN = "9e107d9d-372b-4b6d-a7c3-0123456789ab"


def without_id(response: httpx.Response) -> tuple[int, object, list[str]]:
    """Return the part of a response that must be equal for a foreign and an unknown id."""
    body = response.json() if response.content else None
    if body:
        body["meta"].pop("request_id")
    return response.status_code, body, [name for name, _ in response.headers.multi_items()]


def test_retrieve(client: httpx.Client, own: list[Clinician]) -> None:
    for record in own[:5]:
        body = client.get(f"/clinician-profiles/{record.id}").json()
        assert body["data"] == as_json(record)
        assert list(body["meta"]) == ["request_id"]
        assert client.get(f"/clinician-profiles/{record.id.upper()}").json()["data"] == body["data"]


def test_each_key_sees_its_own_organisation(
    client: httpx.Client, other_client: httpx.Client, own: list[Clinician], other: list[Clinician]
) -> None:
    for someone, records in ((client, own), (other_client, other)):
        rows = someone.get("/clinician-profiles?limit=100").json()["data"]
        assert rows == [as_json(record) for record in records[:100]]
        found = someone.get("/clinician-profiles?search=johnson&limit=100").json()["data"]
        ids = {record.id for record in records}
        assert found
        assert {row["id"] for row in found} <= ids


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_foreign_id_looks_like_an_unknown_id(
    client: httpx.Client, other_client: httpx.Client, other: list[Clinician], method: str
) -> None:
    foreign = other[0].id
    assert other_client.get(f"/clinician-profiles/{foreign}").status_code == 200
    first = client.request(method, f"/clinician-profiles/{foreign}")
    second = client.request(method, f"/clinician-profiles/{UNKNOWN}")
    assert without_id(first) == without_id(second)
    assert first.status_code == 404
    assert first.headers["content-length"] == second.headers["content-length"]


def test_an_organisation_named_by_the_client_is_ignored(
    client: httpx.Client, own: list[Clinician], data: seed.SeedData
) -> None:
    response = client.get(
        f"/clinician-profiles?organisation_id={data.other.id}",
        headers={"X-Organisation-Id": data.other.id},
    )
    assert [row["id"] for row in response.json()["data"]] == [record.id for record in own[:20]]


def altered(key: str) -> list[str]:
    """Return headers that are almost valid."""
    return [
        "",
        "Bearer",
        key,
        f"Basic {key}",
        f"Bearer {key[:-1]}",
        f"Bearer {key}x",
        f"Bearer {key} x",
        f"Bearer {key},{key}",
        f"Bearer {key.upper()}",
        f"Bearer {key.lower()}",
        f"Bearer {key.swapcase()}",
        f"Bearer {key[:20]}{'a' if key[20] != 'a' else 'b'}{key[21:]}",
        f'Bearer "{key}"',
        "Bearer pk_test_00000000000000000000000000000000",
        "Bearer é",
        f"Token {key}",
    ]


@pytest.mark.parametrize("index", range(16))
def test_anything_but_a_valid_key_is_refused(
    anonymous: httpx.Client, server: EmbeddedServer, own: list[Clinician], index: int
) -> None:
    headers = {b"Authorization": altered(server.own_key)[index].encode()}
    paths = ("", f"/{own[0].id}", f"/{UNKNOWN}", "/no-id", "?limit=x")
    answers = [anonymous.get(f"/clinician-profiles{path}", headers=headers) for path in paths]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "UNAUTHORIZED"
        assert without_id(answer) == without_id(answers[0])


def test_no_header_at_all(anonymous: httpx.Client) -> None:
    assert anonymous.get("/clinician-profiles").status_code == 401
    assert anonymous.get("/locations").status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_in_any_case(
    anonymous: httpx.Client, server: EmbeddedServer, scheme: str
) -> None:
    headers = {"Authorization": f"{scheme} {server.own_key}"}
    assert anonymous.get("/clinician-profiles", headers=headers).status_code == 200


def test_a_key_without_the_scope_is_forbidden(server: EmbeddedServer) -> None:
    with client_for(server, server.seed.unscoped_key.key) as client:
        for path in ("/clinician-profiles", f"/clinician-profiles/{UNKNOWN}"):
            response = client.get(path)
            assert response.status_code == 403
            assert response.json()["error"]["code"] == "FORBIDDEN"
        assert client.get("/locations").status_code == 200


def test_a_revoked_key_stops_working_at_once(server: EmbeddedServer) -> None:
    with client_for(server, server.seed.revoked_key.key) as client:
        assert client.get("/clinician-profiles").status_code == 401
    with EmbeddedServer() as fresh, client_for(fresh) as client:
        assert client.get("/clinician-profiles").status_code == 200
        assert fresh.api is not None
        fresh.api.store.connection.execute("UPDATE api_keys SET revoked = 1")
        assert client.get("/clinician-profiles").status_code == 401
