"""A lawful server that shares no code with the embedded one, and differs in every choice of the contract.

It serves lists in memory with threads of the standard library. The list is ordered by name, search finds
substrings, bounds are clamped, malformed parameters return 422, other methods and malformed ids return 404,
and responses have further members and headers. Four switches make it faulty.
"""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.target.target import Target

OWN_KEY, OTHER_KEY = "pk_live_alphaKEY1234567890", "pk_live_betaKEY0987654321"
BASE = "/v2/api-v1"
GIVEN = "Olivia Isla Freya Lily Florence Willow Noah George Arthur Leo Harry Henry Priya Wei Aoife Søren"
FAMILY = "Smith Jones Taylor Brown Wilson Johnson Davies Patel Wright Evans Walker Khan Nguyen O'Neill García"
KNOWN = ("limit", "offset", "is_active", "is_bookable_online", "location_id", "search")

Row = dict[str, Any]


class Refused(Exception):
    """An invalid parameter."""


class Data:
    """Two organisations with their clinicians and locations."""

    def __init__(self, own: int, other: int) -> None:
        self._draw = random.Random(7)
        self.rows = {OWN_KEY: self._people(own), OTHER_KEY: self._people(other)}
        self.locations = {OWN_KEY: self._ids(3), OTHER_KEY: self._ids(1)}
        self.placed = {
            (location, row["id"])
            for key, rows in self.rows.items()
            for row in rows
            for location in self.locations[key]
            if self._draw.random() < 0.4
        }
        self.left = dict.fromkeys(self.rows, 1000)

    def _ids(self, count: int) -> list[str]:
        return [str(uuid.UUID(int=self._draw.getrandbits(128), version=4)) for _ in range(count)]

    def _people(self, count: int) -> list[Row]:
        rows = [self._person(number, record) for number, record in enumerate(self._ids(count))]
        return sorted(rows, key=lambda row: (row["name"], row["id"]))

    def _person(self, number: int, record: str) -> Row:
        draw = self._draw
        given, family = draw.choice(GIVEN.split()), draw.choice(FAMILY.split())
        nick = draw.choice(["Sunny", "Teddy", "Bex", "Kit"])
        day = draw.randrange(28) + 1
        made = f"2024-{draw.randrange(12) + 1:02}-{day:02}T09:30:00.{number:06}+01:00"
        address = f"{given}.{family}{number}@example.nhs.uk".lower().replace("'", "")
        return {
            "id": record,
            "name": f"Dr {given} {family}",
            "display_name": f"{nick} {family}"
            if draw.random() < 0.1
            else f"Dr {given[0]}. {family}",
            "first_name": given,
            "last_name": family,
            "title": "Dr",
            "role": draw.choice(["GP Partner", "Salaried GP", "Locum", None]),
            "email": address if draw.random() < 0.9 else None,
            "bio": draw.choice([None, "Special interest in dermatology.", "Loves sailing."]),
            "photo_url": draw.choice([None, f"https://example.com/{record}.jpg"]),
            "qualifications": draw.choice(["MBBS, MRCGP", None]),
            "registration_number": str(draw.randrange(10**6, 10**7)),
            "professional_registration_body": "GMC",
            "is_active": draw.random() < 0.7,
            "is_bookable_online": draw.random() < 0.5,
            "created_at": made,
            "updated_at": made,
            "specialties": [],
        }


def _number(values: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    if name not in values:
        return default
    try:
        return max(least, min(most, int(values[name])))
    except ValueError:
        raise Refused(name) from None


class Handler(BaseHTTPRequestHandler):
    """Handles all requests of the API."""

    protocol_version = "HTTP/1.1"
    data: Data
    faults: frozenset[str]

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Respond to GET and HEAD on every path."""
        scheme, _, self.key = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or self.key not in self.data.rows:
            self.key = ""
            self._error(401, "UNAUTHENTICATED", "Invalid API key")
            return
        parts = urlsplit(self.path)
        if parts.path == f"{BASE}/locations":
            ids = [{"id": location} for location in self.data.locations[self.key]]
            self._send(
                200, {"data": ids, "meta": {"limit": 20, "has_more": False, "next_offset": None}}
            )
        elif parts.path == f"{BASE}/clinician-profiles":
            self._list(parts.query)
        else:
            self._one(parts.path)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Return 404, as for the other methods."""
        self.key = ""
        self._error(404, "RESOURCE_NOT_FOUND", "no route")

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815

    def _one(self, path: str) -> None:
        wanted = unquote(path.rsplit("/", 1)[1], errors="replace")
        everyone = [row for rows in self.data.rows.values() for row in rows]
        rows = everyone if "foreign readable" in self.faults else self.data.rows[self.key]
        found = next((row for row in rows if row["id"] == wanted.lower()), None)
        if found is None or not path.startswith(f"{BASE}/clinician-profiles/"):
            self._error(404, "RESOURCE_NOT_FOUND", f"{wanted} was not found")
        else:
            self._send(200, {"data": found})

    def _list(self, query: str) -> None:
        values = dict(parse_qsl(query, keep_blank_values=True, errors="replace"))
        try:
            if not set(values) <= set(KNOWN):
                raise Refused("unknown")
            most = 10**6 if "limit uncapped" in self.faults else 100
            limit = _number(values, "limit", 20, 1, most)
            offset = _number(values, "offset", 0, 0, 2**40)
            rows = self._filtered(values)
        except Refused as problem:
            self._error(422, "VALIDATION_FAILED", f"{problem} is not valid")
            return
        page = rows[offset : offset + limit]
        more = offset + limit < len(rows) and "has_more false" not in self.faults
        meta = {
            "limit": limit,
            "has_more": more,
            "next_offset": offset + len(page) if more else None,
        }
        self._send(200, {"data": page, "meta": meta})

    def _filtered(self, values: dict[str, str]) -> list[Row]:
        rows = self.data.rows[self.key]
        for name in ("is_active", "is_bookable_online"):
            if name in values:
                if values[name] not in ("true", "false"):
                    raise Refused(name)
                if name not in self.faults:
                    rows = [row for row in rows if row[name] == (values[name] == "true")]
        if "location_id" in values:
            location = values["location_id"]
            if len(location) != 36:
                raise Refused("location_id")
            rows = [row for row in rows if (location, row["id"]) in self.data.placed]
        if "search" in values:
            term = values["search"].strip().lower()
            if len(term) < 2:
                raise Refused("search")
            fields = ("name", "display_name", "email")
            rows = [
                row for row in rows if any(term in (row[name] or "").lower() for name in fields)
            ]
        return rows

    def _error(self, status: int, code: str, message: str) -> None:
        self._send(
            status, {"data": None, "error": {"code": code, "message": message, "details": []}}
        )

    def _send(self, status: int, body: dict[str, Any]) -> None:
        request_id = uuid.uuid4().hex
        body.setdefault("meta", {})["request_id"] = request_id
        content = json.dumps(body, indent=1).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Request-ID", request_id)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Bearer realm="clinicians"')
        if self.key:
            self.data.left[self.key] -= 1
            self.send_header("X-RateLimit-Limit", "1000")
            self.send_header("X-RateLimit-Remaining", str(self.data.left[self.key]))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def other_stack(own: int = 150, other: int = 40, *faults: str) -> Iterator[Target]:
    """Serve within a ``with`` block, with faults by name; yield the target."""
    bound = {"data": Data(own, other), "faults": frozenset(faults)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), bound))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Target(f"http://127.0.0.1:{server.server_port}{BASE}", OWN_KEY, OTHER_KEY)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
