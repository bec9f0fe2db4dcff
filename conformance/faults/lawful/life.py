"""Lawful variants: servers whose data or surroundings do not hold still."""

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
    """Somebody else works on the data: ``happens`` is called before each read, with its number."""

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._reads = itertools.count(1)

    def read(self, context: Context, identity: Identity) -> Body:
        """The body, of the data as they have become."""
        self.happens(next(self._reads))
        return super().read(context, identity)

    def happens(self, number: int) -> None:
        """What somebody else does before the read of that number."""
        raise NotImplementedError


@lawful("A clinician joins the own organisation while the suite looks.")
class SomebodyJoins(_Alive):
    """One profile more from the 90th read on."""

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


@lawful("A clinician leaves the own organisation while the suite looks.")
class SomebodyLeaves(_Alive):
    """One profile less from the 60th read on."""

    def happens(self, number: int) -> None:
        """Delete the profile that is first by its id."""
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


@lawful("Profiles are edited all the time: every tenth read finds one that has changed.")
class EditedAllTheTime(_Alive):
    """The data never stand still for long."""

    def happens(self, number: int) -> None:
        """Change the flags and the time of one profile."""
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
    """A gateway in front of the server that fails now and then, in HTML."""

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
    "A gateway answers every 41st request with 502 in its place.",
    app=lambda api: _Stumbling(build_app(api), lambda number: number % 41 == 0),
)
class GatewayStumbles(ClinicianApi):
    """The way to the server fails, not the server."""


@lawful("There is no resource of locations.")
class NoLocationsResource(ClinicianApi):
    """A sibling that the contract does not bind."""

    def route(self, context: Context, path: str) -> None:
        """The operation, unless it is that of locations."""
        super().route(context, path)
        if context.operation == "locations":
            context.operation = "nothing"


@lawful("The key may not read locations.")
class NoScopeForLocations(ClinicianApi):
    """403 for the sibling resource alone."""

    scopes = {**ClinicianApi.scopes, "locations": "locations:admin"}  # noqa: RUF012 - read-only


@lawful("The list is also answered with a slash behind its path.")
class TrailingSlash(ClinicianApi):
    """As frameworks do that forgive it."""

    def route(self, context: Context, path: str) -> None:
        """The operation, the last slash left out."""
        super().route(context, path.removesuffix("/"))
