"""Faults and lawful variants: subclasses of the correct API that each replace one decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from starlette.types import ASGIApp

from conformance.faults.names import kebab
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.seed import SeedData, build

Api = TypeVar("Api", bound=type[ClinicianApi])


@dataclass(frozen=True)
class Variant:
    """A server that differs from the reference in one point.

    ``name`` is the name of its class in kebab case, ``text`` a sentence that says how it differs.
    ``requirement`` is the id of the requirement that it breaks, or None for a lawful variant.
    ``data`` builds the data of the server, ``app`` the ASGI application.
    ``known`` are ids of own profiles that a run is given (``--known-id``).
    ``shown_by`` is a path below ``/clinician-profiles``, with its query, whose response shows a fault.
    """

    name: str
    text: str
    api: type[ClinicianApi]
    requirement: str | None = None
    data: Callable[[], SeedData] = build
    app: Callable[[ClinicianApi], ASGIApp] = build_app
    shown_by: str | None = None
    known: tuple[str, ...] = ()


def joined(variants: Sequence[Variant]) -> Variant:
    """Return a server that differs from the reference in the points of all variants.

    :raises ValueError: if two of them cannot be in one server: both have data or an application of their
        own, or the same class.
    """
    if len(variants) == 1:
        return variants[0]
    names = [item.name for item in variants]
    special = [item.name for item in variants if (item.data, item.app) != (build, build_app)]
    if len(special) > 1:
        raise ValueError(f"{' and '.join(special)} cannot be served together: serve one of them")
    try:
        api = type("Joined", tuple(item.api for item in variants), {})
    except TypeError:
        raise ValueError(f"{', '.join(names)} cannot be served together: they overlap") from None
    one = next((item for item in variants if item.name in special), variants[0])
    known = tuple(record for item in variants for record in item.known)
    return replace(one, name="+".join(names), api=api, known=known)


FAULTS: list[Variant] = []
LAWFUL: list[Variant] = []


def fault(
    requirement: str,
    text: str,
    *,
    data: Callable[[], SeedData] = build,
    app: Callable[[ClinicianApi], ASGIApp] = build_app,
    shown_by: str | None = None,
    known: tuple[str, ...] = (),
) -> Callable[[Api], Api]:
    """Add a class to the catalogue of faults, with the id of the requirement that it breaks."""

    def add(api: Api) -> Api:
        name = kebab(api.__name__)
        FAULTS.append(Variant(name, text, api, requirement, data, app, shown_by, known))
        return api

    return add


def lawful(
    text: str,
    *,
    data: Callable[[], SeedData] = build,
    app: Callable[[ClinicianApi], ASGIApp] = build_app,
    known: tuple[str, ...] = (),
) -> Callable[[Api], Api]:
    """Add a class to the catalogue of lawful variants."""

    def add(api: Api) -> Api:
        LAWFUL.append(Variant(kebab(api.__name__), text, api, None, data, app, known=known))
        return api

    return add
