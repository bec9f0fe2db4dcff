"""Serve a fault of the catalogue, or one of the servers below, on a database file: ``python -m … NAME``."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from conformance.contract.document import load
from conformance.proof import catalogue
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Identity, Store


class NewestFirst(ClinicianApi):
    """Orders the list by the last change, so that each edit moves a record to the front."""

    order_by = "c.updated_at DESC, c.id"


class ByName(ClinicianApi):
    """Orders the list by name, so that each new name moves a record."""

    order_by = "c.name, c.id"


class Counting(ClinicianApi):
    """Adds a member to every profile that counts how often profiles were read."""

    looked = 0

    def read(self, context: Context, identity: Identity) -> Body:
        body = super().read(context, identity)
        for row in body["data"] if isinstance(body["data"], list) else [body["data"]]:
            self.looked += 1
            row["views"] = self.looked
        return body


SPECIAL = {"newest-first": NewestFirst, "by-name": ByName, "counting": Counting}


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--clinicians", type=int, default=263)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("name")
    given = parser.parse_args()
    api = SPECIAL.get(given.name)
    if api is None:
        (variant,) = catalogue.load(load()).only([given.name]).faults
        api = variant.api
    store = Store.open(given.database, given.clinicians)
    app = build_app(api(store, RateLimiter()), given.latency_ms)
    with EmbeddedServer(app, host=given.host, port=given.port):
        threading.Event().wait()


if __name__ == "__main__":
    main()
