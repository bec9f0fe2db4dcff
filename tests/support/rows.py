"""Rows and pages made by hand."""

from __future__ import annotations

import json
from typing import Any

from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.http.exchange import Exchange
from conformance.http.request import Request

ID = "00000000-0000-4000-8000-{:012d}"


def row(number: int, **members: Any) -> dict[str, Any]:
    return {"id": ID.format(number), "name": "", "display_name": None, "email": None} | members


def lexicon(*rows: dict[str, Any]) -> Lexicon:
    return Lexicon(Directory(list(rows)).by_id)


def page(rows: list[dict[str, Any]], number: int = 1, **meta: Any) -> Exchange:
    body = {"data": rows, "meta": {"request_id": f"r{number}"} | meta}
    return Exchange(number, Request(), "http://t/v1", 200, (), json.dumps(body).encode(), 0.0)
