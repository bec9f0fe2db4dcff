"""The numbers of the contract that every page depends on."""

from __future__ import annotations

from conformance.contract.document import load

_LIMIT = load().document["components"]["parameters"]["Limit"]["schema"]

DEFAULT_LIMIT: int = _LIMIT["default"]
"""Records on a page where a request names no limit."""

MAX_LIMIT: int = _LIMIT["maximum"]
"""The largest limit; a page never holds more records."""
