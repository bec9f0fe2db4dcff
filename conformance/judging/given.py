"""What a case may ask for, by the names of its arguments."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.http.exchange import Transcript
from conformance.judging.session import Foreign, Locations, Session, Spare
from conformance.privacy.text_notes import Notes
from conformance.target.credentials import OTHER

_UNKNOWN = 8


class Given:
    """The arguments of a case. Each public property is the argument of the same name.

    A property that raises :class:`Inconclusive` makes the case inconclusive.
    """

    def __init__(self, session: Session, api: Api) -> None:
        self._session = session
        self._api = api

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of all arguments."""
        return [name for name, value in vars(cls).items() if isinstance(value, property)]

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the arguments with these names."""
        return {name: getattr(self, name) for name in names}

    @property
    def api(self) -> Api:
        """Sends requests with your key."""
        return self._api

    @property
    def other(self) -> Api:
        """Sends requests with the second organisation's key."""
        return _other_api(self._session, self._api)

    @property
    def directory(self) -> Directory:
        """Your organisation's profiles, or the windows of a directory that is too large to be read."""
        return self._session.own

    @property
    def listed(self) -> Directory:
        """A list that was read completely: your directory, or a filtered part of a large one."""
        return self._session.listed

    @property
    def spare(self) -> Spare:
        """The key for requests whose response must not depend on the organisation."""
        session = self._session
        if session.other is not None and session.other.problem is None and session.other.rows:
            return Spare(_other_api(session, self._api), session.other, session.locations.other)
        return Spare(self._api, session.own, session.locations.own)

    @property
    def foreign(self) -> Foreign:
        """Ids of another organisation's profiles, and its directory if its key is known."""
        return self._session.foreign()

    @property
    def unknown(self) -> list[str]:
        """UUIDs that no profile and no location has; the same for the same seed."""
        return unknown_ids(self._session.seed, _UNKNOWN)

    @property
    def locations(self) -> Locations:
        """Ids of the locations of both organisations."""
        return self._session.locations

    @property
    def lexicon(self) -> Lexicon:
        """The words of your organisation's profiles, and which profiles a search for them must find."""
        return self._session.lexicon(self._session.own)

    @property
    def contract(self) -> Contract:
        """The contract: operations, schemas, the members of a profile."""
        return self._session.contract

    @property
    def transcript(self) -> Transcript:
        """All exchanges of the run so far, for universal cases."""
        return self._session.transcript

    @property
    def observe(self) -> Callable[[str, str, Any], None]:
        """Records a behaviour that the contract leaves open: name, text, value."""
        return self._session.observe

    @property
    def session(self) -> Session:
        """Everything else that the run knows: seed, depth, target, both directories."""
        return self._session

    @property
    def notes(self) -> Notes:
        """What was found in texts of profiles; a replay of a masked transcript looks it up here."""
        return self._session.notes


def _other_api(session: Session, api: Api) -> Api:
    if session.target.other_key is None:
        raise Inconclusive("no key of a second organisation: set CONFORMANCE_OTHER_API_KEY")
    return replace(api.as_(OTHER), most_pages=session.most_pages(OTHER))


def unknown_ids(seed: int, count: int) -> list[str]:
    """Return UUIDs that no record has, the same for the same seed."""
    return list(_unknown(seed, count))


@lru_cache
def _unknown(seed: int, count: int) -> tuple[str, ...]:
    draw = random.Random(f"{seed}:unknown")
    return tuple(str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(count))
