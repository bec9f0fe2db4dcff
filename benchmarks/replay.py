"""Sends the example requests of an OpenAPI document and validates the responses with openapi-core.

Needs an interpreter with openapi-core: ``replay.py DOCUMENT BASE_URL``, with the key in
``CONFORMANCE_API_KEY``. Prints one finding per line. The exit status is 1 if there is a finding.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

PATH = "/clinician-profiles"
Query = Mapping[str, Any]


def parameters(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the example of each query parameter, by name."""
    return {
        parameter["name"]: parameter["example"]
        for parameter in document["components"]["parameters"].values()
        if parameter["in"] == "query"
    }


def requests(examples: Query, key: str) -> Iterator[tuple[str, Query, str | None, int]]:
    """Yield path, query, key and expected status of each request."""
    yield PATH, {}, key, 200
    for name, value in examples.items():
        yield PATH, {name: value}, key, 200
    yield PATH, examples, key, 200
    yield PATH, {}, None, 401
    yield PATH, {}, "pk_test_unknown", 401
    yield f"{PATH}/123e4567-e89b-12d3-a456-426614174000", {}, key, 404


def send(url: str, key: str | None) -> tuple[int, Mapping[str, str], bytes]:
    """Send a GET request and return status, headers and body of the response."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the caller's own address
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


class Replay:
    """Sends requests to a server and validates its responses against a document."""

    def __init__(self, document: dict[str, Any], base_url: str) -> None:
        host, _, prefix = base_url.partition("//")[2].partition("/")
        self.host, self.prefix, self.base_url = f"http://{host}", f"/{prefix}", base_url
        self.core = OpenAPI.from_dict({**document, "servers": [{"url": base_url}]})
        self.first: str | None = None

    def findings(self, path: str, query: Query, key: str | None, expected: int) -> Iterator[str]:
        """Send one request and yield what is wrong with its response."""
        texts = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in query.items()
        }
        title = f"GET {path}" + (f" with {', '.join(texts)}" if texts else "")
        try:
            status, headers, body = send(
                self.base_url + path + (f"?{urlencode(texts)}" if texts else ""), key
            )
        except OSError as error:
            yield f"{title}: no response: {type(error).__name__}"
            return
        if status != expected:
            yield f"{title}: status {status}, expected {expected}"
        request = MockRequest(
            self.host,
            "get",
            self.prefix + path,
            args=texts,
            headers={"Authorization": f"Bearer {key}"} if key else {},
        )
        kind = headers.get("content-type", headers.get("Content-Type", ""))
        response = MockResponse(body, status_code=status, headers=headers, content_type=kind)
        for breach in self.core.iter_response_errors(request, response):
            yield f"{title}: {type(breach).__name__}"
        if self.first is None and status == 200:
            self.first = first(body)


def first(body: bytes) -> str | None:
    """Return the id of the first record of a list, or None without one."""
    try:
        return str(json.loads(body)["data"][0]["id"])
    except (ValueError, LookupError, TypeError):
        return None


def main(document: str, base_url: str) -> int:
    """Send all requests, then retrieve the first listed record. Return the exit status."""
    with open(document, encoding="utf-8") as file:  # noqa: PTH123
        content = yaml.safe_load(file)
    key = os.environ["CONFORMANCE_API_KEY"]
    replay = Replay(content, base_url)
    findings = [
        finding
        for request in requests(parameters(content), key)
        for finding in replay.findings(*request)
    ]
    if replay.first:
        findings += replay.findings(f"{PATH}/{replay.first}", {}, key, 200)
    print(*findings, sep="\n", end="")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
