"""Errors for parameters, paths, methods and internal failures, each in the error envelope."""

from __future__ import annotations

import http.client
import re
from typing import NoReturn
from urllib.parse import quote, urlsplit

import httpx
import pytest

from conformance.reference.api import ClinicianApi
from conformance.reference.parameters import ListQuery
from conformance.reference.people import Clinician
from conformance.reference.server import EmbeddedServer
from tests.reference.conftest import client_for


def error_code(response: httpx.Response) -> str:
    """Check the error envelope of a response and return its code."""
    body = response.json()
    assert response.headers["content-type"] == "application/json"
    assert list(body) == ["data", "meta", "error"]
    assert body["data"] is None
    assert body["meta"] == {"request_id": response.headers["x-request-id"]}
    assert list(body["error"]) == ["code", "message"]
    assert re.fullmatch("[A-Z_]+", body["error"]["code"])
    return str(body["error"]["code"])


HUGE = "9" * 30
BAD_INTEGERS = ["", "x", "1.0", "+5", " 5", "5 ", "1e2", "0x10", "-0", "--1", "\u0665", "9" * 5_000]


@pytest.mark.parametrize("text", [*BAD_INTEGERS, "0", "-1", "101", HUGE, f"-{HUGE}"])
def test_bad_limit(client: httpx.Client, text: str) -> None:
    for path in ("/clinician-profiles", "/locations"):
        response = client.get(path, params={"limit": text})
        assert (response.status_code, error_code(response)) == (400, "INVALID_PARAMETER")
        assert response.json()["error"]["message"].startswith("limit must be ")


@pytest.mark.parametrize("text", [*BAD_INTEGERS, "-1", "2147483648", HUGE])
def test_bad_offset(client: httpx.Client, text: str) -> None:
    response = client.get("/clinician-profiles", params={"offset": text})
    assert (response.status_code, error_code(response)) == (400, "INVALID_PARAMETER")
    assert "offset" in response.json()["error"]["message"]


@pytest.mark.parametrize("name", ["is_active", "is_bookable_online"])
@pytest.mark.parametrize("text", ["", "True", "FALSE", "1", "0", "yes", "null", " true"])
def test_bad_boolean(client: httpx.Client, name: str, text: str) -> None:
    response = client.get("/clinician-profiles", params={name: text})
    assert (response.status_code, error_code(response)) == (400, "INVALID_PARAMETER")
    assert name in response.json()["error"]["message"]


NO_UUIDS = [
    *("x", "123", "00000000000000000000000000000000", "{00000000-0000-0000-0000-000000000000}"),
    *("00000000-0000-0000-0000-00000000000g", "00000000-0000-0000-0000-0000000000000"),
    *("urn:uuid:00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000\n"),
    *("' OR 1=1 --", "\0", "..", "%", "é" * 500),
]


@pytest.mark.parametrize("text", ["", *NO_UUIDS])
def test_bad_location(client: httpx.Client, text: str) -> None:
    response = client.get("/clinician-profiles", params={"location_id": text})
    assert (response.status_code, error_code(response)) == (400, "INVALID_PARAMETER")
    assert "location_id" in response.json()["error"]["message"]


@pytest.mark.parametrize("text", NO_UUIDS)
def test_bad_id(client: httpx.Client, text: str) -> None:
    response = client.get(f"/clinician-profiles/{quote(text, safe='').replace('.', '%2e')}")
    assert (response.status_code, error_code(response)) == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize(
    "query", ["limit=5&limit=5", "is_active=true&is_active=false", "search=a&search=b"]
)
def test_a_parameter_given_twice(client: httpx.Client, query: str) -> None:
    response = client.get(f"/clinician-profiles?{query}")
    assert (response.status_code, error_code(response)) == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize("query", ["x=1", "limit[]=5", "is_active[]=x", "a&b=&=c", "Limit=0"])
def test_unknown_parameters_are_ignored(client: httpx.Client, query: str) -> None:
    body = client.get(f"/clinician-profiles?{query}").json()
    assert (len(body["data"]), body["meta"]["limit"]) == (20, 20)


@pytest.mark.parametrize("limit", ["1", "007", "100"])
def test_good_limits(client: httpx.Client, limit: str) -> None:
    assert client.get(f"/clinician-profiles?limit={limit}").json()["meta"]["limit"] == int(limit)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/nothing",
            "/clinician-profiles/",
            "/clinician-profiles//",
            "/clinician-profiles%0A",
        ),
        *("/clinician-profiles/a%2Fb", "/clinician-profiles/x/y", "/Clinician-Profiles"),
        *("/locations/x", "//clinician-profiles", "/clinician-profiles%00"),
        "/%2e%2e/clinician-profiles",
    ],
)
def test_other_paths(client: httpx.Client, anonymous: httpx.Client, path: str) -> None:
    for someone in (client, anonymous):
        for method in ("GET", "POST"):
            response = someone.request(method, path)
            assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


def test_paths_outside_the_base(server: EmbeddedServer) -> None:
    root = server.base_url.removesuffix("/api-v1")
    for path in ("/", "/clinician-profiles", "/api-v2/clinician-profiles", "/api-v1"):
        response = httpx.get(root + path)
        assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "get"]
)
def test_other_methods(client: httpx.Client, own: list[Clinician], method: str) -> None:
    for path in ("/clinician-profiles", f"/clinician-profiles/{own[0].id}", "/locations"):
        request = client.build_request("GET", path)
        request.method = method  # httpx itself would write it in capitals
        response = client.send(request)
        assert (response.status_code, error_code(response)) == (405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/clinician-profiles?limit=3", "/clinician-profiles/x", "/locations", "/nothing"]
)
def test_head_is_get_without_a_body(client: httpx.Client, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert list(head.headers) == list(get.headers)
    for name in ("content-length", "content-type"):
        assert head.headers[name] == get.headers[name]


def test_head_of_a_profile(client: httpx.Client, own: list[Clinician]) -> None:
    path = f"/clinician-profiles/{own[0].id}"
    assert client.head(path).headers["content-length"] == str(len(client.get(path).content))


def test_request_ids_are_unique(client: httpx.Client) -> None:
    ids = {client.get(path).headers["x-request-id"] for path in ("/locations", "/x") * 20}
    assert len(ids) == 40


def test_a_very_long_url(server: EmbeddedServer) -> None:
    """120,000 bytes: ten thousand characters of four bytes each, percent-encoded."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc)
    headers = {"Authorization": f"Bearer {server.own_key}"}
    path = f"/api-v1/clinician-profiles?search={'%F0%90%8D%88' * 10_000}"
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    assert response.status == 200
    assert b'"data":[]' in response.read()
    connection.close()


class Broken(ClinicianApi):
    """Raises an exception with a text that no response may contain."""

    def fetch(self, query: ListQuery, organisation: str) -> NoReturn:  # noqa: ARG002
        raise RuntimeError("SELECT secret FROM /var/lib/somewhere")


def test_internal_errors_reveal_nothing() -> None:
    with EmbeddedServer(Broken()) as server, client_for(server) as client:
        response = client.get("/clinician-profiles")
        assert (response.status_code, error_code(response)) == (500, "INTERNAL_ERROR")
        for word in ("SELECT", "secret", "/var", "RuntimeError", "Traceback"):
            assert word not in response.text
        assert client.get("/locations").status_code == 200


def test_json_is_strict() -> None:
    with pytest.raises(ValueError, match="JSON"):
        ClinicianApi().encode({"load": float("nan")})
