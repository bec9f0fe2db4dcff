"""A transcript by hand, and the lines that reproduce a finding on it."""

from __future__ import annotations

import json
import shlex
from typing import Any

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.masking import Mask
from conformance.privacy.personal_data import PersonalData
from conformance.reproduction import Found, Reproducer

BASE = "http://target.test/api-v1"
ONE = "0f8fad5b-d9cb-469f-a165-70867728950e"
TWO = "6e888fa2-4d26-4148-ae7c-61ca09c0a11f"
KEY = '-H "Authorization: Bearer $CONFORMANCE_API_KEY"'
OTHER = '-H "Authorization: Bearer $CONFORMANCE_OTHER_API_KEY"'
META = {"limit": 20, "has_more": False, "next_offset": None, "request_id": "req"}


def exchange(number: int, body: Any, request: Request | None = None, status: int = 200) -> Exchange:
    request = request or Request()
    data = json.dumps(body).encode()
    return Exchange(number, request, BASE + request.target, status, (), data, 0.0)


def page(number: int, *ids: str, query: tuple[tuple[str, str], ...] = (), **row: Any) -> Exchange:
    rows = [{"id": id_, **row} for id_ in ids]
    meta = META | {"request_id": f"req_{number}"}
    return exchange(number, {"data": rows, "meta": meta}, Request(query=query))


def lines(
    transcript: list[Exchange], *found: tuple[str, Finding], mask: bool = True
) -> tuple[str, ...]:
    masks = Mask(PersonalData(transcript), BASE) if mask else None
    written = Reproducer(transcript, masks).lines([Found(*item) for item in found])
    for line in written:
        shlex.split(line, comments=True)
    return written
