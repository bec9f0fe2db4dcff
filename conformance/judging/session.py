"""One run's knowledge of its target, and how it is learned."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth
from conformance.contract.document import Contract
from conformance.directory.changes import Movement
from conformance.directory.directory import Directory, Row, learn, walkable
from conformance.directory.lexicon import Lexicon
from conformance.directory.slices import MOST_PAGES, Slices, find
from conformance.errors import Inconclusive, Untestable
from conformance.http.api import MOST_PAGES as WALKED
from conformance.http.api import Api, Ask, as_query
from conformance.http.client import Client
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Id, Request
from conformance.judging.lockstep import run_together
from conformance.judging.untestable import refuse_untestable
from conformance.privacy.text_notes import Notes
from conformance.target.credentials import IDENTITIES, OTHER, OWN
from conformance.target.target import Target

LOCATIONS = "/locations"


@dataclass(frozen=True, slots=True)
class Observation:
    """A behaviour that the contract leaves open, recorded to be compared between runs."""

    name: str
    text: str
    value: Any


@dataclass
class Foreign:
    """What is known of another organisation: its directory where a key was given, else ids alone."""

    ids: list[str]
    directory: Directory | None = None
    reason: str | None = None


@dataclass
class Locations:
    """Ids of locations, and where they are known from."""

    own: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Spare:
    """The identity for requests that say the same whoever asks: it spares the own key's quota.

    The other organisation's where there is one that has profiles, else the own.
    """

    api: Api
    directory: Directory
    locations: list[str]


class Session:
    """What a run knows of its target; :class:`~conformance.judging.given.Given` hands it to the cases."""

    def __init__(self, client: Client, contract: Contract, *, depth: Depth, seed: int) -> None:
        self.client = client
        self.contract = contract
        self.depth = depth
        self.seed = seed
        self.notes = Notes()
        self.own = Directory(problem="it was not asked for", seed=seed)
        self.other: Directory | None = None
        self.locations = Locations()
        self.observations: dict[str, Observation] = {}
        self.movement = Movement()
        self.probed: Callable[[], None] = lambda: None
        self._foreign_ids: set[str] = set()
        self.kept: Directory | None = None
        """What the other organisation has, where a cache had given one organisation's list to both."""
        self.slices: Slices | None = None
        self._walkable: dict[str, int] = {}
        self._lexicons: dict[int, Lexicon] = {}

    @property
    def target(self) -> Target:
        """The target."""
        return self.client.target

    @property
    def transcript(self) -> Transcript:
        """The record so far."""
        return self.client.transcript

    def probe(self) -> Exchange:
        """Ask for the list as plainly as can be, to see whether this can be judged at all.

        :raises Untestable: unreachable, key refused, not this API.
        """
        answer = self.client.ask([Request()])[0]
        if not isinstance(answer, Exchange):
            raise Untestable(str(answer))
        refuse_untestable(answer, self.contract)
        self.probed()
        return answer

    def learn(self, whose: Collection[str] = IDENTITIES) -> None:
        """Get to know the directories, the locations, and slices of what is too large to be walked.

        :param whose: only what belongs to these identities; what is known of the others stays.
        """
        learned: dict[str, Directory] = {}
        found: dict[str, list[str]] = {}

        def walk(credential: str) -> Callable[[Ask], None]:
            before = self.own if credential == OWN else self.other

            def work(ask: Ask) -> None:
                pages = self._walkable.setdefault(
                    credential, walkable(self.client.left(credential))
                )
                learned[credential] = learn(Api(ask, credential), self.seed, pages, before)

            return work

        def locations(credential: str) -> Callable[[Ask], None]:
            def work(ask: Ask) -> None:
                found[credential] = _location_ids(Api(ask, credential))

            return work

        credentials = [OWN, OTHER] if self.target.other_key else [OWN]
        works = [walk(name) for name in credentials if name in whose]
        if not self.own.pages:  # locations are no part of what is judged: once is enough
            works += [locations(name) for name in credentials]
        run_together(works, self.client.ask)
        self.own = learned.get(OWN, self.own)
        self.other = learned.get(OTHER, self.other)
        if self.other is not None and not self._foreign_ids:
            self._foreign_ids = set(self.other.by_id) - set(self.own.by_id)
            if set(self.other.by_id) & set(self.own.by_id):
                self._look_elsewhere()
        if found:
            self.locations = Locations(
                own=list(dict.fromkeys([*self.target.location_ids, *found[OWN]])),
                other=found.get(OTHER, []),
            )
        self._lexicons.clear()
        if OWN in whose:
            self._slice()

    def _look_elsewhere(self) -> None:
        """Where both keys were given the same profiles: whether by URLs that differ each has its own.

        Then it is an answer that was kept and given to somebody else, and what is whose can be told.
        """
        own, theirs = self.client.ask(
            [
                Request(query=as_query(limit=MAX_LIMIT - less), credential=key)
                for less, key in enumerate((OWN, OTHER), 1)
            ]
        )
        if not isinstance(own, Exchange) or not isinstance(theirs, Exchange):
            return
        if own.is_page and theirs.ids and not set(own.ids) & set(theirs.ids):
            self.kept = Directory(theirs.rows, (theirs,), seed=self.seed)
            self._foreign_ids = set(theirs.ids)

    def _slice(self) -> None:
        """Find slices of the own directory where it is seen through windows, the same ones each time."""
        if self.own.size is None or self.own.problem:
            self.slices = None
            return

        def work(ask: Ask) -> Slices:
            if self.slices is not None:
                return self.slices.again(Api(ask))
            return find(Api(ask), self.own, self.locations.own, self.notes)

        try:
            self.slices = run_together([work], self.client.ask)[0]
        except Inconclusive:
            self.slices = Slices((), self.seed)

    @property
    def listed(self) -> Directory:
        """What is known from end to end: the own directory, or a slice of one that is too large for it."""
        return self.own if self.slices is None else self.slices.best

    def snapshot(self) -> dict[str, tuple[str, Directory]]:
        """All that predictions rest on, by name: whose it is, and what was seen."""
        found = {OWN: (OWN, self.own)}
        if self.other is not None:
            found[OTHER] = (OTHER, self.other)
        for item in self.slices.lists if self.slices is not None else ():
            found[str(item.base)] = (OWN, item)
        return found

    def most_pages(self, credential: str) -> int:
        """How many pages of one list a case may ask for: what a directory that is walked can need."""
        directory = self.other if credential == OTHER else self.own
        return MOST_PAGES if directory is not None and directory.size is not None else WALKED

    def foreign(self) -> Foreign:
        """Ids that belong to another organisation.

        :raises Inconclusive: where none is known.
        """
        if self.kept is not None:
            return Foreign(self.kept.seen, self.kept)
        if self.other is not None:
            if self.other.problem:
                raise Inconclusive(
                    f"the other organisation's directory could not be walked: {self.other.problem}"
                )
            foreign = self.foreign_ids()
            ids = [record for record in self.other.seen if record in foreign]
            if not ids and self.other.seen:
                raise Inconclusive("the other key sees no profile that the own key does not see")
            if not ids:
                raise Inconclusive("the other organisation has no profile")
            return Foreign(ids, self.other)
        if self.target.foreign_ids:
            return Foreign([Id(record) for record in self.target.foreign_ids])
        raise Inconclusive(
            "no other organisation is known: set CONFORMANCE_OTHER_API_KEY, or give --foreign-id"
        )

    def foreign_ids(self) -> set[str]:
        """Ids that the other key listed and the own key did not, when they were first walked.

        The first walk counts: a server whose isolation gives way during the run would otherwise turn
        foreign profiles into own ones.
        """
        if self.other is None:
            return {Id(record) for record in self.target.foreign_ids}
        return self._foreign_ids

    def lexicon(self, directory: Directory) -> Lexicon:
        """The words of a directory.

        :raises Inconclusive: where it is not known: a profile that was not seen may hold any word.
        """
        directory.require(0, "words are predicted from all profiles")
        return self._lexicons.setdefault(id(directory), self._words_of(directory))

    def _words_of(self, directory: Directory) -> Lexicon:
        if directory is not self.own or self.slices is None:
            return Lexicon(directory.by_id, notes=self.notes)
        known: dict[str, Row] = {Id(str(row.get("id"))): row for row in self.slices.rows}
        return Lexicon({**directory.by_id, **known}, self.slices.words, self.notes)

    def observe(self, name: str, text: str, value: Any) -> None:
        """Record a behaviour that is not judged."""
        self.observations[name] = Observation(name, text, value)


def _location_ids(api: Api) -> list[str]:
    """Ids of the organisation's locations, none where the sibling resource is not there.

    ``/locations`` is not in the contract under test, so whatever it answers is no finding.
    """
    try:
        page = api.send(api.request(path=LOCATIONS, query=as_query(limit=100)))
    except Inconclusive:
        return []
    finally:
        api.judged.clear()
    return (
        [str(row["id"]) for row in page.rows if isinstance(row.get("id"), str)]
        if page.is_page
        else []
    )
