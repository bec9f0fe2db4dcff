"""Lawful variants: servers whose data change during a run, or whose surroundings differ."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.envelope import Body, Context
from conformance.reference.people import uuid_of
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.schema import MEMBERS
from conformance.reference.store import Identity, Store


class _Alive(ClinicianApi):
    """An API whose data other users change: it calls ``happens`` before each read."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._reads = itertools.count(1)

    def read(self, context: Context, identity: Identity) -> Body:
        """Return the body from the data as they are now."""
        self.happens(next(self._reads))
        return super().read(context, identity)

    def happens(self, number: int) -> None:
        """Change the data before the read with this number, counted from 1."""
        raise NotImplementedError


@lawful("A clinician joins the organisation during the run.")
class SomebodyJoins(_Alive):
    """From the 90th read on there is one more profile."""

    def happens(self, number: int) -> None:
        """Copy one profile under a new id."""
        if number == 90:
            members = ", ".join(name for name in MEMBERS if name != "id")
            self.store.connection.execute(
                f"INSERT INTO clinicians (organisation_id, id, {members})"  # noqa: S608
                f" SELECT organisation_id, ?, {members} FROM clinicians"
                " WHERE organisation_id = ? ORDER BY id LIMIT 1",
                (uuid_of("joins"), self.store.data.own.id),
            )


@lawful("A clinician leaves the organisation during the run.")
class SomebodyLeaves(_Alive):
    """From the 60th read on there is one profile fewer."""

    def happens(self, number: int) -> None:
        """Delete the first profile in the order of ids."""
        if number == 60:
            self.store.connection.execute(
                "DELETE FROM clinician_locations WHERE clinician ="
                " (SELECT number FROM clinicians WHERE organisation_id = ? ORDER BY id LIMIT 1)",
                (self.store.data.own.id,),
            )
            self.store.connection.execute(
                "DELETE FROM clinicians WHERE number ="
                " (SELECT number FROM clinicians WHERE organisation_id = ? ORDER BY id LIMIT 1)",
                (self.store.data.own.id,),
            )


@lawful("Profiles are edited all the time: one changes before every tenth read.")
class EditedAllTheTime(_Alive):
    """The data never stay the same for long."""

    def happens(self, number: int) -> None:
        """Change the flags and ``updated_at`` of one profile."""
        if number % 10 == 0:
            self.store.connection.execute(
                "UPDATE clinicians SET is_active = 1 - is_active,"
                " is_bookable_online = 1 - is_bookable_online, updated_at = ?"
                " WHERE number = (SELECT number FROM clinicians WHERE organisation_id = ?"
                " ORDER BY id LIMIT 1 OFFSET ?)",
                (
                    f"2025-03-01T00:{number // 60 % 60:02d}:{number % 60:02d}Z",
                    self.store.data.own.id,
                    number // 10 % 50,
                ),
            )


class _Stumbling:
    """A gateway that sometimes responds with an HTML page and 502 instead of the server."""

    def __init__(self, app: ASGIApp, fails: Callable[[int], bool]) -> None:
        self.app = app
        self.fails = fails
        self.number = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.fails(next(self.number)):
            page = Response("<h1>502 Bad Gateway</h1>", 502, media_type="text/html")
            await page(scope, receive, send)
            return
        await self.app(scope, receive, send)


@lawful(
    "A gateway returns 502 for every 41st request.",
    app=lambda api: _Stumbling(build_app(api), lambda number: number % 41 == 0),
)
class GatewayStumbles(ClinicianApi):
    """The gateway fails, not the server."""


@lawful("There is no resource of locations.")
class NoLocationsResource(ClinicianApi):
    """The contract does not require this resource."""

    def route(self, context: Context, path: str) -> None:
        """Set the operation, unless it lists locations."""
        super().route(context, path)
        if context.operation == "locations":
            context.operation = "nothing"


@lawful("The key lacks the scope for locations.")
class NoScopeForLocations(ClinicianApi):
    """Only the resource of locations returns 403."""

    scopes = {**ClinicianApi.scopes, "locations": "locations:admin"}  # noqa: RUF012 - read-only


@lawful("The path of the list also works with a trailing slash.")
class TrailingSlash(ClinicianApi):
    """Several frameworks accept a trailing slash."""

    def route(self, context: Context, path: str) -> None:
        """Set the operation of the path without its trailing slash."""
        super().route(context, path.removesuffix("/"))


@lawful("Another user of the key sends a request for every third one of the run.")
class KeyHasOtherUsers(ClinicianApi):
    """The count of the key falls faster than by the requests of the run."""

    def count(self, context: Context, identity: Identity) -> None:
        """Count the request, and sometimes one of another user."""
        super().count(context, identity)
        self.counted = getattr(self, "counted", 0) + 1
        if self.counted % 3 == 0:
            self.limiter.take(identity.key_hash)
