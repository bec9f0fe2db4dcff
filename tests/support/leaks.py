"""A server that echoes the key, and a search for keys in what a run wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.responses import Response

from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.refusals import Refusal
from conformance.reference.store import Row
from tests.support.servers import (
    OTHER_KEY,
    OWN_KEY,
    Ended,
)

PIECE = 10
"""Length of a piece of a key. A text does not contain such a long piece by coincidence."""


def leaks(ended: Ended) -> list[str]:
    """Return where a piece of a key appears, in any letter case: command line, output, file."""
    texts = {"arguments": " ".join(ended.arguments), "output": ended.out, "errors": ended.err}
    for path in ended.folder.rglob("*"):
        if path.is_file() and path.name not in ("own.key", "other.key"):
            name = str(path.relative_to(ended.folder))
            texts[name] = name + path.read_bytes().decode("utf-8", "replace")
    return [
        f"{source}: …{text[max(0, text.lower().find(piece) - 60) :][:140]}…"
        for source, text in texts.items()
        for key in (OWN_KEY, OTHER_KEY)
        if (piece := next((item for item in pieces(key) if item in text.lower()), None))
    ]


class Echoing(ClinicianApi):
    """Echoes the Authorization header, else what else may hold a key, in every text of its responses."""

    def echoed(self, context: Context) -> str:
        headers = context.request.headers
        places = (context.request.scope["query_string"].decode(), headers.get("cookie", ""))
        elsewhere = " ".join((*places, headers.get("x-api-key", ""))).strip()
        return headers.get("authorization") or elsewhere or "nothing"

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        body["error"]["message"] += f" You sent {self.echoed(context)}."
        body["error"]["code"] = self.echoed(context)
        return body

    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        # The padding varies, so that a text that is cut to a length is cut within the key.
        return {**meta, "limit": f"{'x' * (query.limit % 80)} {self.echoed(context)}"}

    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        body = super().list_body(context, query, data, has_more)
        for index, row in enumerate(body["data"]):
            if index % 9 == 0:
                row["created_at"] = f"{'y' * (100 + index % 50)}{self.echoed(context)}"
        return body

    def single_profile(self, row: Row) -> Body:
        return super().single_profile(row) | {"name": OWN_KEY, "api_key": OWN_KEY.swapcase()}

    def finish(self, context: Context, response: Response) -> Response:
        response.headers["X-Request-Id"] = self.echoed(context)
        response.headers["X-Key"] = self.echoed(context)
        return response


def pieces(key: str) -> Iterable[str]:
    secret = key.removeprefix("pk_test_").lower()
    return (secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1))
