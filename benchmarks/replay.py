"""Sends the example requests of an OpenAPI document and has openapi-core validate the answers.

Run by an interpreter that has openapi-core: ``replay.py DOCUMENT BASE_URL``, with the key in
``BENCHMARK_API_KEY``. Prints a finding a line; the exit status is 1 where there is one.
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
    """The example of each query parameter, by name."""
    return {
        parameter["name"]: parameter["example"]
        for parameter in document["components"]["parameters"].values()
        if parameter["in"] == "query"
    }


def requests(examples: Query, key: str) -> Iterator[tuple[str, Query, str | None, int]]:
    """Path, query, key and the status that has to come, of each request on the list."""
    yield PATH, {}, key, 200
    for name, value in examples.items():
        yield PATH, {name: value}, key, 200
    yield PATH, examples, key, 200
    yield PATH, {}, None, 401
    yield PATH, {}, "pk_test_unknown", 401
    yield f"{PATH}/123e4567-e89b-12d3-a456-426614174000", {}, key, 404


def send(url: str, key: str | None) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body of an answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the caller's own address
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


class Replay:
    """The document, and where the server is."""

    def __init__(self, document: dict[str, Any], base_url: str) -> None:
        host, _, prefix = base_url.partition("//")[2].partition("/")
        self.host, self.prefix, self.base_url = f"http://{host}", f"/{prefix}", base_url
        self.core = OpenAPI.from_dict({**document, "servers": [{"url": base_url}]})
        self.first: str | None = None

    def findings(self, path: str, query: Query, key: str | None, due: int) -> Iterator[str]:
        """What is wrong with the answer to one request."""
        texts = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in query.items()
        }
        asked = f"GET {path}" + (f" with {', '.join(texts)}" if texts else "")
        try:
            status, headers, body = send(
                self.base_url + path + (f"?{urlencode(texts)}" if texts else ""), key
            )
        except OSError as error:
            yield f"{asked}: no answer: {type(error).__name__}"
            return
        if status != due:
            yield f"{asked}: {status} in place of {due}"
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
            yield f"{asked}: {type(breach).__name__}"
        if self.first is None and status == 200:
            self.first = first(body)


def first(body: bytes) -> str | None:
    """The id of the first record of a list."""
    try:
        return str(json.loads(body)["data"][0]["id"])
    except (ValueError, LookupError, TypeError):
        return None


def main(document: str, base_url: str) -> int:
    """Send everything, then retrieve the first record that was listed."""
    with open(document, encoding="utf-8") as file:  # noqa: PTH123
        content = yaml.safe_load(file)
    key = os.environ["BENCHMARK_API_KEY"]
    replay = Replay(content, base_url)
    found = [
        finding
        for asked in requests(parameters(content), key)
        for finding in replay.findings(*asked)
    ]
    if replay.first:
        found += replay.findings(f"{PATH}/{replay.first}", {}, key, 200)
    print(*found, sep="\n", end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
