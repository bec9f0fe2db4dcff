"""What one run knows about its target, and how it finds that out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth
from conformance.contract.document import Contract
from conformance.directory.changes import Movement, on_page
from conformance.directory.directory import Directory, Row, learn, walkable
from conformance.directory.lexicon import Lexicon
from conformance.directory.slices import MOST_PAGES, Slices, find
from conformance.errors import Inconclusive, Untestable
from conformance.http.api import MOST_PAGES as WALKED
from conformance.http.api import Api, Ask, as_query
from conformance.http.client import Client
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Id, Request, Turn
from conformance.judging.lockstep import run_together
from conformance.judging.untestable import refuse_untestable
from conformance.privacy.text_notes import Notes
from conformance.target.credentials import IDENTITIES, OTHER, OWN
from conformance.target.target import Target

LOCATIONS = "/locations"
ALONE = "one key after the other"


@dataclass(frozen=True, slots=True)
class Observation:
    """A behaviour that the contract leaves open, recorded for comparison between runs."""

    name: str
    text: str
    value: Any


@dataclass
class Foreign:
    """What is known about the second organisation: its directory if a key was given, otherwise only ids."""

    ids: list[str]
    directory: Directory | None = None
    reason: str | None = None


@dataclass
class Locations:
    """Location ids of both organisations."""

    own: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Spare:
    """The identity for requests whose response does not depend on the key.

    The second organisation if it is known and has profiles, which saves the rate limit of the first key;
    otherwise the first organisation.
    """

    api: Api
    directory: Directory
    locations: list[str]


class Session:
    """What one run knows about its target; :class:`~conformance.judging.given.Given` hands it to the cases.

    ``kept`` is the directory of the second organisation if a cache has returned one organisation's list to
    both; ``slices`` are set if the own directory is too large to be read completely. ``failing`` has, by name
    of a group of requests, the one that failed: a confirmation sends only that. ``one_by_one`` is True if
    the two directories can be told apart only while no other request is pending.
    """

    def __init__(self, client: Client, contract: Contract, *, depth: Depth, seed: int) -> None:
        self.client = client
        self.contract = contract
        self.depth = depth
        self.seed = seed
        self.notes = Notes()
        self.own = Directory(problem="it was not requested", seed=seed)
        self.other: Directory | None = None
        self.locations = Locations()
        self.observations: dict[str, Observation] = {}
        self.movement = Movement()
        self.probed: Callable[[], None] = lambda: None
        self._foreign_ids: set[str] = set()
        self.kept: Directory | None = None
        self.slices: Slices | None = None
        self._walkable: dict[str, int] = {}
        self._lexicons: dict[int, Lexicon] = {}
        self.failing: dict[str, Any] = {}
        self.one_by_one = False

    @property
    def target(self) -> Target:
        """The target."""
        return self.client.target

    @property
    def transcript(self) -> Transcript:
        """The exchanges so far."""
        return self.client.transcript

    def probe(self) -> Exchange:
        """Request the list without parameters, to check that the target can be tested.

        :raises Untestable: if it is unreachable, refuses the key or is not this API.
        """
        response = self.client.ask([Request()])[0]
        if not isinstance(response, Exchange):
            raise Untestable(str(response))
        refuse_untestable(response, self.contract, self.notes)
        self.probed()
        return response

    def learn(self, whose: Collection[str] = IDENTITIES) -> None:
        """Read the directories, the locations, and slices of a directory that is too large to be read whole.

        :param whose: the identities whose directories are read; the others stay as they are known.
        """
        learned: dict[str, Directory] = {}
        found: dict[str, list[str]] = {}

        def walk(credential: str) -> Callable[[Ask], None]:
            before = self.own if credential == OWN else self.other

            def work(ask: Ask) -> None:
                pages = self._walkable.setdefault(
                    credential, walkable(self.client.left(credential))
                )
                api = Api(ask, credential, ALONE if self.one_by_one else "")
                learned[credential] = learn(api, self.seed, pages, before)

            return work

        def locations(credential: str) -> Callable[[Ask], None]:
            def work(ask: Ask) -> None:
                found[credential] = _location_ids(Api(ask, credential))

            return work

        credentials = [OWN, OTHER] if self.target.other_key else [OWN]
        works = [walk(name) for name in credentials if name in whose]
        if not self.own.pages:  # locations are not judged, so they are read only once
            works += [locations(name) for name in credentials]
        for group in [[work] for work in works] if self.one_by_one else [works]:
            run_together(group, self.client.ask)
        self.own = learned.get(OWN, self.own)
        self.other = learned.get(OTHER, self.other)
        if self.other is not None and not self._foreign_ids:
            self._tell_apart(self.other, whose)
        if self.other is not None:
            self.own.doubtful = frozenset(on_page(self.own.rows, self.other.by_id))
            if self.kept is not None and self.own.doubtful and self.own.problem is None:
                self.own.problem = "one list was returned to both keys"
        if found:
            self.locations = Locations(
                own=list(dict.fromkeys([*self.target.location_ids, *found[OWN]])),
                other=list(dict.fromkeys([*self.target.other_location_ids, *found.get(OTHER, [])])),
            )
        self._lexicons.clear()
        if OWN in whose:
            self._slice()

    def _tell_apart(self, other: Directory, whose: Collection[str]) -> None:
        """Find out which profiles are only the second organisation's."""
        self._foreign_ids = set(other.by_id) - set(self.own.by_id)
        if not set(other.by_id) & set(self.own.by_id):
            return
        if self.one_by_one or not self._differ_alone():
            self._bypass_cache()
            return
        self.one_by_one = True
        self._foreign_ids = set()
        self.learn(whose)

    def _differ_alone(self) -> bool:
        """Return whether both lists, read one after the other, have no profile in common.

        Then a server that keeps the organisation where all requests find it has mixed them up before.
        """
        first = as_query(limit=MAX_LIMIT)
        requests = [Request(query=first, credential=key) for key in (OWN, OTHER)]
        own, other = self.client.ask(Api.turns(requests, ALONE, Turn.ALONE))
        if not isinstance(own, Exchange) or not isinstance(other, Exchange):
            return False
        return bool(own.ids) and bool(other.ids) and not set(own.ids) & set(other.ids)

    def _bypass_cache(self) -> None:
        """Read both lists at different URLs, after one URL has returned the same profiles to both keys.

        If the two lists have no profile in common, a cache has returned one organisation's response to the
        other, and the owners of the profiles are known.
        """
        own, other = self.client.ask(
            [
                Request(query=as_query(limit=MAX_LIMIT - number), credential=key)
                for number, key in enumerate((OWN, OTHER), 1)
            ]
        )
        if not isinstance(own, Exchange) or not isinstance(other, Exchange):
            return
        if own.is_page and other.ids and not set(own.ids) & set(other.ids):
            self.kept = Directory(other.rows, (other,), seed=self.seed)
            self._foreign_ids = set(other.ids)

    def _slice(self) -> None:
        """Read slices of the own directory if it is known only in windows; the same slices each time."""
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
        """The own directory if it was read completely, otherwise its best slice."""
        return self.own if self.slices is None else self.slices.best

    def snapshot(self) -> dict[str, tuple[str, Directory]]:
        """Return all directories and slices that predictions use: name → owner and content."""
        found = {OWN: (OWN, self.own)}
        if self.other is not None:
            found[OTHER] = (OTHER, self.other)
        for item in self.slices.lists if self.slices is not None else ():
            found[str(item.base)] = (OWN, item)
        return found

    def most_pages(self, credential: str) -> int:
        """Return how many pages of one list a case may request."""
        directory = self.other if credential == OTHER else self.own
        return MOST_PAGES if directory is not None and directory.size is not None else WALKED

    def foreign(self) -> Foreign:
        """Return what is known about the second organisation.

        :raises Inconclusive: if no id of it is known.
        """
        if self.kept is not None:
            return Foreign(self.kept.seen, self.kept)
        if self.other is not None:
            if self.other.problem:
                raise Inconclusive(
                    f"the second organisation's directory could not be read: {self.other.problem}"
                )
            foreign = self.foreign_ids()
            ids = [record for record in self.other.seen if record in foreign]
            if not ids and self.other.seen:
                raise Inconclusive(
                    "the second organisation's key lists only profiles that your key lists"
                )
            if not ids:
                raise Inconclusive("the second organisation has no profiles")
            return Foreign(ids, self.other)
        if self.target.foreign_ids:
            return Foreign([Id(record) for record in self.target.foreign_ids])
        raise Inconclusive(
            "no second organisation is known: set CONFORMANCE_OTHER_API_KEY or give --foreign-id"
        )

    def foreign_ids(self) -> set[str]:
        """Return the ids that the second key listed and the first key did not, when they were first read.

        Later lists do not count: if the isolation of a server broke during the run, foreign profiles would
        become own ones.
        """
        if self.other is None:
            return {Id(record) for record in self.target.foreign_ids}
        return self._foreign_ids

    def lexicon(self, directory: Directory) -> Lexicon:
        """Return the words of a directory.

        :raises Inconclusive: if the directory is not known, since an unknown profile may contain any word.
        """
        directory.require(0, "the words of all profiles are needed")
        if id(directory) not in self._lexicons:
            self._lexicons[id(directory)] = self._words_of(directory)
        return self._lexicons[id(directory)]

    def _words_of(self, directory: Directory) -> Lexicon:
        if directory is not self.own or self.slices is None:
            rows = {i: row for i, row in directory.by_id.items() if i not in directory.doubtful}
            return Lexicon(rows, notes=self.notes)
        known: dict[str, Row] = {Id.of(row): row for row in self.slices.rows}
        return Lexicon({**directory.by_id, **known}, self.slices.words, self.notes)

    def observe(self, name: str, text: str, value: Any) -> None:
        """Record a behaviour that is not judged."""
        self.observations[name] = Observation(name, text, value)


def _location_ids(api: Api) -> list[str]:
    """Return the ids of the organisation's locations; none if the sibling resource does not exist.

    The contract does not cover ``/locations``, so no response of it is a finding.
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
