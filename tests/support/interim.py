"""Responses as bytes, which client libraries hide."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.lawful_reading import Reader


def start_of_response(reader: Reader) -> bytes:
    """Return the first bytes of the response to a list request, interim responses included."""
    url = reader.client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        lines = (
            f"GET {url.path}clinician-profiles HTTP/1.1",
            f"Host: {url.host}",
            f"Authorization: {reader.client.headers['authorization']}",
            "Connection: close",
        )
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(1024)
