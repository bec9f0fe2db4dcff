"""A server with a rate limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from tests.support.asking import PAGE
from tests.support.servers import Recorder, canned

NGINX = (
    "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n"
    "<body><center><h1>429 Too Many Requests</h1></center></body></html>"
)


class Limiting(Recorder):
    """Refuses requests by their number, counted from 1, and passes the others to a server."""

    def __init__(self, refused: Sequence[int], refusal: Recorder, app: Any = None) -> None:
        super().__init__(app or canned(200, PAGE).app)
        self.refused = set(refused)
        self.refusal = refusal
        self.times: list[float] = []
        self._counting = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._counting:
            self.times.append(time.monotonic())
            number = len(self.times)
        if number in self.refused:
            await self.refusal(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def refusal(*headers: tuple[str, str], status: int = 429) -> Recorder:
    return canned(status, NGINX, ("content-type", "text/html"), *headers)
