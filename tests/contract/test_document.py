"""The document: descriptions, examples and formats; responses of the reference server validate against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from conformance.contract.document import load
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Identity, Store

Node = dict[str, Any]

DOCUMENT: Node = load().document
COMPONENTS: Node = DOCUMENT["components"]
LIST, RETRIEVE = "/clinician-profiles", "/clinician-profiles/{id}"

REFERENCE_OBJECT = json.loads("""
{
  "id": "123e4567-e89b-12d3-a456-426614174000",
  "name": "Dr Sarah Johnson",
  "display_name": "Dr S. Johnson",
  "first_name": "Sarah",
  "last_name": "Johnson",
  "title": "Dr",
  "role": "GP Partner",
  "email": "sarah.johnson@example.nhs.uk",
  "bio": "Dr Johnson has over 15 years of experience in general practice with a special interest \
in dermatology.",
  "photo_url": "https://example.com/photos/sarah-johnson.jpg",
  "qualifications": "MBBS, MRCGP, DRCOG",
  "registration_number": "7654321",
  "professional_registration_body": "GMC",
  "is_active": true,
  "is_bookable_online": true,
  "created_at": "2024-01-10T09:00:00Z",
  "updated_at": "2024-06-15T11:30:00Z"
}
""")
"""The clinician profile object of the API's reference, verbatim."""


def resolved(node: Node) -> Node:
    """Return the target of a reference, or any other node unchanged."""
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


@cache
def validator(reference: str) -> Draft202012Validator:
    """Return a validator, with format checks, for the component with that reference."""
    schema = {"$ref": reference, "components": COMPONENTS}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def errors(schema: Node, value: object) -> list[str]:
    """Return the errors of a value against a schema of the document."""
    complete = {**schema, "components": COMPONENTS}
    found = Draft202012Validator(complete, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in found.iter_errors(value)]


def operations() -> Iterator[tuple[str, Node]]:
    for path, item in DOCUMENT["paths"].items():
        yield path, item["get"]


RESPONSES = {
    f"{operation['operationId']} {status}": resolved(response)
    for _, operation in operations()
    for status, response in operation["responses"].items()
}


def examples(media: Node) -> dict[str, Any]:
    """Return name → value of the examples of a media type."""
    named = {name: example["value"] for name, example in media.get("examples", {}).items()}
    return named | ({"example": media["example"]} if "example" in media else {})


def described() -> Iterator[tuple[str, Node]]:
    """Yield each node that must have a description, with its name."""
    yield "info", DOCUMENT["info"]
    for kind in ("parameters", "headers", "responses", "schemas", "securitySchemes"):
        for name, node in COMPONENTS[kind].items():
            yield f"{kind}/{name}", node
    for name, node in COMPONENTS["schemas"].items():
        for member, schema in node.get("properties", {}).items():
            yield f"schemas/{name}/{member}", resolved(schema)
    for path, item in DOCUMENT["paths"].items():
        yield path, item
        yield f"{path}/get", item["get"]
    for server in DOCUMENT["servers"]:
        yield server["url"], server
        for name, node in server.get("variables", {}).items():
            yield f"{server['url']}/{name}", node
    for tag in DOCUMENT["tags"]:
        yield f"tag {tag['name']}", tag


@pytest.mark.parametrize("node", [pytest.param(node, id=name) for name, node in described()])
def test_everything_has_a_description(node: Node) -> None:
    assert node["description"].strip().endswith((".", "…"))


def test_all_schemas_are_components() -> None:
    """The test above does not see the members of other schemas."""
    for response in RESPONSES.values():
        assert list(response["content"]["application/json"]["schema"]) == ["$ref"]
    for name, schema in COMPONENTS["schemas"].items():
        for member, inner in schema.get("properties", {}).items():
            assert "properties" not in inner, f"{name}/{member}"


def test_the_title_of_a_schema_is_its_name() -> None:
    """Some generators name a type by its title, others by its component."""
    titles = {name: schema["title"] for name, schema in COMPONENTS["schemas"].items()}
    assert titles == {name: name for name in COMPONENTS["schemas"]}


def test_both_operations_list_every_status() -> None:
    refusals = {"400", "401", "403", "405", "422", "429"}
    common = {"200", *refusals, "500", "502", "503", "504"}
    listed = {path: set(operation["responses"]) for path, operation in operations()}
    assert listed == {LIST: common, RETRIEVE: common | {"404"}}


def test_every_response_names_the_headers_of_the_api() -> None:
    rate_limit = {"X-RateLimit-Limit", "X-RateLimit-Remaining"}
    for name, response in RESPONSES.items():
        assert "X-Request-Id" in response["headers"], name
        # A request without a valid key has no rate limit.
        if name.endswith(("200", "400", "403", "404", "422", "429")):
            assert rate_limit <= set(response["headers"]), name


@pytest.mark.parametrize("name", RESPONSES)
def test_every_response_has_examples_that_validate(name: str) -> None:
    response = RESPONSES[name]
    assert list(response["content"]) == ["application/json"]
    media = response["content"]["application/json"]
    values = examples(media)
    assert values
    for value in values.values():
        assert errors(media["schema"], value) == []
        if not name.endswith(" 200"):
            assert value["data"] is None
            assert list(value) == ["data", "meta", "error"]


def test_request_ids_of_examples_differ() -> None:
    components = COMPONENTS["responses"].values()
    media = [response["content"]["application/json"] for response in components]
    ids = [value["meta"]["request_id"] for one in media for value in examples(one).values()]
    assert len(ids) == len(set(ids))


def test_every_other_example_validates() -> None:
    nodes = [*COMPONENTS["parameters"].items(), *COMPONENTS["headers"].items()]
    for name, node in nodes:
        assert errors(node["schema"], node["example"]) == [], name
    for name, node in COMPONENTS["schemas"].items():
        for member, schema in node.get("properties", {}).items():
            if "$ref" not in schema and schema.get("type") != "array":
                assert errors(schema, schema["example"]) == [], f"{name}/{member}"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "123"),
        ("created_at", "2024-01-10"),
        ("updated_at", "2024-06-15T11:30:00"),
        ("name", None),
        ("is_active", "true"),
        ("registration_number", 7654321),
    ],
)
def test_wrong_member_breaks_the_schema(member: str, value: object) -> None:
    """For jsonschema and for the validator that judges targets."""
    reference = "#/components/schemas/ClinicianProfile"
    assert validator(reference).is_valid(REFERENCE_OBJECT)
    assert load().problems("ClinicianProfile", REFERENCE_OBJECT) == []
    wrong = REFERENCE_OBJECT | {member: value}
    assert not validator(reference).is_valid(wrong)
    assert load().problems("ClinicianProfile", wrong)


def test_profile_is_that_of_the_reference() -> None:
    schema = COMPONENTS["schemas"]["ClinicianProfile"]
    assert len(REFERENCE_OBJECT) == 17
    assert list(schema["properties"]) == schema["required"] == list(REFERENCE_OBJECT)
    response = COMPONENTS["responses"]["ClinicianProfile"]["content"]["application/json"]
    assert list(response["example"]["data"].items()) == list(REFERENCE_OBJECT.items())


def test_parameters_are_those_of_the_reference() -> None:
    listed = {path: operation["parameters"] for path, operation in operations()}
    schemas = {node["name"]: node for node in map(resolved, listed[LIST])}
    assert all(node["in"] == "query" and node["required"] is False for node in schemas.values())
    types = {name: node["schema"]["type"] for name, node in schemas.items()}
    assert types == {
        "limit": "integer",
        "offset": "integer",
        "is_active": "boolean",
        "is_bookable_online": "boolean",
        "location_id": "string",
        "search": "string",
    }
    limit, offset = schemas["limit"]["schema"], schemas["offset"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 20)
    assert (offset["minimum"], offset["default"]) == (0, 0)
    assert schemas["location_id"]["schema"]["format"] == "uuid"
    assert [resolved(node)["name"] for node in listed[RETRIEVE]] == ["id"]


class Failing(ClinicianApi):
    """Raises an exception on every read."""

    def read(self, context: Context, identity: Identity) -> Body:  # noqa: ARG002
        raise RuntimeError("the disk is full")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as server:
        yield server


def ask(server: EmbeddedServer, method: str, path: str, key: str | None) -> httpx.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    # Without TLS, so that no certificates are loaded, which takes longer than the request.
    return httpx.request(method, server.base_url + path, headers=headers, verify=False)


def check(operation: str, response: httpx.Response, status: int) -> None:
    """Check a response and its headers against the document."""
    assert response.status_code == status
    documented = RESPONSES[f"{operation} {status}"]
    assert response.headers["content-type"] in documented["content"]
    body = response.json()
    schema = documented["content"]["application/json"]["schema"]
    assert errors(schema, body) == []
    # Exactly these members: the reference server sends none that the document lacks.
    assert set(body) == set(resolved(schema)["properties"])
    assert set(body["meta"]) == set(resolved(resolved(schema)["properties"]["meta"])["properties"])
    for name, reference in documented["headers"].items():
        assert errors(resolved(reference)["schema"], response.headers[name]) == [], name


@pytest.mark.parametrize(
    ("method", "query", "key", "status"),
    [
        ("GET", "", "own", 200),
        ("GET", "?limit=100&offset=100", "own", 200),
        ("GET", "?offset=5000", "own", 200),
        ("GET", "?limit=0", "own", 400),
        ("GET", "?location_id=x", "own", 400),
        ("GET", "", "unknown", 401),
        ("GET", "", "unscoped", 403),
        ("POST", "", "own", 405),
    ],
)
def test_responses_of_the_list(
    server: EmbeddedServer, method: str, query: str, key: str, status: int
) -> None:
    response = ask(server, method, LIST + query, key_of(server, key))
    check("listClinicianProfiles", response, status)


@pytest.mark.parametrize(
    ("method", "id_", "key", "status"),
    [
        ("GET", "first", "own", 200),
        ("GET", "first", "unknown", 401),
        ("GET", "first", "unscoped", 403),
        ("GET", "first", "other", 404),
        ("GET", "00000000-0000-4000-8000-000000000000", "own", 404),
        ("GET", "x", "own", 400),
        ("DELETE", "first", "own", 405),
    ],
)
def test_responses_of_a_retrieve(
    server: EmbeddedServer, method: str, id_: str, key: str, status: int
) -> None:
    if id_ == "first":
        id_ = ask(server, "GET", f"{LIST}?limit=1", server.own_key).json()["data"][0]["id"]
    response = ask(server, method, f"{LIST}/{id_}", key_of(server, key))
    check("getClinicianProfile", response, status)


def key_of(server: EmbeddedServer, name: str) -> str | None:
    seed = server.seed
    keys = {"own": seed.own_key, "other": seed.other_key, "unscoped": seed.unscoped_key}
    return keys[name].key if name in keys else None


@pytest.mark.parametrize(
    ("operation", "path"),
    [("listClinicianProfiles", LIST), ("getClinicianProfile", f"{LIST}/x")],
)
def test_responses_past_the_rate_limit_and_of_a_failing_server(operation: str, path: str) -> None:
    with (
        closing(Store.seeded()) as store,
        EmbeddedServer(Failing(store, RateLimiter(1))) as server,
    ):
        check(operation, ask(server, "GET", path, server.own_key), 500)
        check(operation, ask(server, "GET", path, server.own_key), 429)
