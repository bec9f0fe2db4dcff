"""Reads a lawful variant, to compare it with the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx


class Reader:
    """Reads a server with the own key, or with the other key if asked to."""

    def __init__(self, client: httpx.Client, other: httpx.Client) -> None:
        self.client = client
        self.other = other

    def get(self, query: str = "") -> httpx.Response:
        return self.client.get(f"/clinician-profiles{query}")

    def send(self, method: str, path: str = "", **headers: str) -> httpx.Response:
        return self.client.request(method, f"/clinician-profiles{path}", headers=headers)

    def status(self, query: str = "") -> int:
        return self.get(query).status_code

    def meta(self, query: str = "") -> Any:
        return self.get(query).json()["meta"]

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(query).json()["data"]
        return found

    def whole(self, other: bool = False) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        client = self.other if other else self.client
        while True:
            page = client.get(f"/clinician-profiles?limit=100&offset={len(found)}").json()
            found += page["data"]
            if not page["meta"]["has_more"]:
                return found

    def found(self, term: str) -> int:
        return len(self.rows(f"?limit=100&search={quote(term)}"))

    def places(self) -> int:
        return self.client.get("/locations").status_code

    def error(self, query: str) -> Any:
        return self.get(query).json()["error"]


def ordered(reader: Reader, key: Callable[[dict[str, Any]], Any], reverse: bool = False) -> bool:
    rows = reader.whole()
    return rows == sorted(rows, key=key, reverse=reverse)


def every(reader: Reader, test: Callable[[dict[str, Any]], bool]) -> bool:
    return all(test(row) for row in reader.whole())


def first(reader: Reader) -> dict[str, Any]:
    return reader.rows("?limit=1")[0]


def one(reader: Reader) -> dict[str, Any]:
    found: dict[str, Any] = reader.get(f"/{first(reader)['id']}").json()["data"]
    return found


def found_backwards(reader: Reader) -> int:
    row = next(row for row in reader.rows() if row["first_name"] and row["last_name"])
    return reader.found(f"{row['last_name']} {row['first_name']}")


def reads_until(reader: Reader, changed: Callable[[Reader], bool], most: int = 120) -> bool:
    return any(changed(reader) for _ in range(most))


def stumbles(reader: Reader) -> bool:
    return any(reader.status() >= 502 for _ in range(50))


def with_header(reader: Reader, name: str, value: str) -> int:
    return reader.send("GET", **{name: value}).status_code


def counted_down(reader: Reader, requests: int) -> int:
    """Return by how much the key's count falls from one response to the last of some further ones."""
    left = [
        int(reader.get("?limit=1").headers["x-ratelimit-remaining"]) for _ in range(requests + 1)
    ]
    return left[0] - left[-1]


def waits(reader: Reader) -> bool:
    return min(reader.get().elapsed.total_seconds() for _ in range(10)) >= 0.02


def with_second_key(reader: Reader, value: str) -> int:
    keys = [("Authorization", reader.client.headers["authorization"]), ("Authorization", value)]
    return reader.client.get("/clinician-profiles", headers=httpx.Headers(keys)).status_code
