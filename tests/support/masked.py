"""Exchanges with rows to be masked."""

from __future__ import annotations

import json
from typing import Any

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.target.target import Target

ROWS: list[dict[str, Any]] = [
    {
        "id": "0b0c1d2e-0000-4000-8000-000000000001",
        "name": "Dr Ann Example",
        "display_name": "Dr A. Example",
        "email": "ann_example@example.org",
        "registration_number": "7654321",
        "photo_url": "https://example.org/ann.jpg",
        "first_name": "Ann",
        "last_name": "Example",
        "bio": "Sails\nat night",
        "role": None,
    }
]


TARGET = Target("http://target.test/api-v1", "pk_test_Ab12Cd34Ef56")


def exchange(body: Any, status: int = 200, number: int = 1) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Exchange(number, Request(), "", status, (), data, 0.0)
