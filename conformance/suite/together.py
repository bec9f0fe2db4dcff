"""Requests with several parameters: what is sent, judged, and reported as the simplest one that fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.judging.session import Locations, Session
from conformance.suite import covering
from conformance.suite.exploring import explored
from conformance.suite.known_lists import Lists
from conformance.suite.readings import BOOLEANS, NUMBERS, SEARCH, SELECTING, Parameters
from conformance.suite.values import PLAINLY_WRONG, Choice, Foreigners, boolean, pool, simpler
from conformance.target.credentials import OTHER, OWN
from conformance.text.wording import listing

Kind = Callable[[Parameters], bool]

RESERVE = 80
"""Requests that generated queries leave: to find the simplest one that fails, and to confirm findings."""

FEW_VALID = 4
"""Rows of valid values at the standard depth; each class of wrong values has one row there."""

_WEIGHT = 20
"""What three filters that each change a list count for, compared with a pair of classes."""

_BATCH = 16
_ATTEMPTS = 20
"""Requests to find the simplest one that fails."""


def valid(parameters: Parameters) -> bool:
    """Return whether every value must be accepted."""
    return not parameters.wrong


def wrong(parameters: Parameters) -> bool:
    """Return whether a value may be refused."""
    return bool(parameters.wrong)


def wrong_number(parameters: Parameters) -> bool:
    """Return whether ``limit`` and ``offset`` alone have values that may be refused."""
    return bool(parameters.wrong) and all(value.name in NUMBERS for value in parameters.wrong)


def wrong_filter(parameters: Parameters) -> bool:
    """Return whether a filter or the search has a value that may be refused."""
    return any(value.name not in NUMBERS for value in parameters.wrong)


@dataclass(frozen=True)
class Known:
    """What a run knows of the organisation whose key sends, and of the other one.

    ``foreign`` are ids of the other organisation's profiles.
    """

    listed: Directory
    lexicon: Lexicon
    locations: Locations
    foreign: Collection[str]
    foreigners: Foreigners | None = None


def of_own(
    session: Session, api: Api, unknown: Sequence[str], *, in_order: bool = False
) -> Together:
    """Return the requests with your key."""
    other = session.other
    foreigners = None
    if other is not None and other.complete:
        foreigners = Foreigners(other, session.lexicon(other))
    lexicon = session.lexicon(session.own)
    foreign = session.foreign_ids()
    known = Known(session.listed, lexicon, session.locations, foreign, foreigners)
    return Together(session, api, known, unknown, in_order=in_order)


def _of_other(session: Session, api: Api, unknown: Sequence[str]) -> Together | None:
    """Return the requests with the second organisation's key, None if its directory is not known."""
    other, own = session.other, session.own
    if other is None or not other.complete or not other.rows or own.problem:
        return None
    locations = Locations(own=session.locations.other, other=session.locations.own)
    foreign = set(own.by_id) - set(other.by_id)
    known = Known(other, session.lexicon(other), locations, foreign)
    api = replace(api.as_(OTHER), most_pages=session.most_pages(OTHER))
    return Together(session, api, known, unknown, in_order=True)


def explore(
    session: Session, api: Api, unknown: Sequence[str], whose: str, requirement: str, kind: Kind
) -> None:
    """Judge further requests of a kind, sent with the key of one identity.

    Other cases judge the requirement. So nothing is sent if that organisation's directory is not known
    or a request gets no response.
    """
    name = f"{requirement} further, {whose}"
    try:
        if whose == OWN:
            together: Together | None = of_own(session, api, unknown, in_order=True)
        else:
            together = _of_other(session, api, unknown)
        if together is not None:
            together.judge(name, partial(together.further, kind))
    except Inconclusive:
        if name in session.failing:  # a finding that could not be confirmed
            raise


class Together:
    """Judges requests with several parameters on the list that is known completely.

    :param in_order: read the complete list of each combination of filters too, to judge the order of pages.
    """

    def __init__(
        self,
        session: Session,
        api: Api,
        known: Known,
        unknown: Sequence[str],
        *,
        in_order: bool = False,
    ) -> None:
        known.listed.require(1, "in an empty directory every list is empty")
        self._session = session
        self._api = api
        self._known = known
        self._in_order = in_order
        self.lists = Lists(api, known.listed)
        # The three cases of a run have the same values.
        self.values = known.listed.derived(
            "values of parameters",
            lambda: pool(known.listed, known.lexicon, known.locations, unknown),
        )

    def few(self, kind: Kind) -> list[Parameters]:
        """Return the requests of a kind that every run sends: some rows of the covering array."""
        self._read(("true", "false", "known", "word"))
        foreigners = self._known.foreigners
        about = (
            "few requests with several parameters",
            kind is valid,
            self.lists.results,
            foreigners and foreigners.ids,
        )
        found = self._known.listed.derived(about, partial(self._few, several=kind is valid))
        return [item for item in found if kind(item)]

    def _few(self, *, several: bool) -> list[Parameters]:
        choice = Choice(self.values, self.lists, self._known.foreigners)
        if not several:
            return self._chosen(choice, covering.one_of_each(covering.spoiled_rows()))
        results = self._known.lexicon.results
        asked = "few valid rows", choice.content
        if asked not in results:
            results[asked] = _few_valid(choice)
        return self._chosen(choice, results[asked])

    def with_plainly_wrong_booleans(self, several: Sequence[Parameters]) -> list[Parameters]:
        """Return the requests, and those that were accepted once more with a value that is no boolean."""
        answers = self._api.lists(*(item.query for item in several))
        accepted = [item for item, answer in zip(several, answers, strict=True) if answer.is_page]
        return [
            *several,
            *(
                item.having(boolean(value.name, PLAINLY_WRONG))
                for item in accepted
                for value in item.wrong
                if value.name in BOOLEANS
            ),
        ]

    def further(self, kind: Kind) -> list[Parameters]:
        """Return further requests of a kind, as many as the budget of the run allows for all kinds.

        With your key first all rows of the covering array, then generated queries, and only these with the
        second organisation's key.
        """
        self._read(("true", "false", "known", "word", "address"))
        budget = self._session.client.left(self._api.credential) - RESERVE
        rows: list[Parameters] = []
        if self._api.credential == OWN:
            choice = Choice(self.values, self.lists, self._known.foreigners)
            every = (*covering.valid_rows(), *covering.spoiled_rows(), *covering.wrong_rows())
            rows = [*self._apart(), *self._chosen(choice, every)]
        seed = self._session.seed
        found = [
            self._within(item) for item in explored(self.values, self.lists, seed, budget, rows)
        ]
        return [item for item in found if kind(item)]

    def _apart(self) -> list[Parameters]:
        """Return an address with a filter that its profile does not match, if there is one.

        A server may look an address up in another query than words.
        """
        flags = [value for name in BOOLEANS for value in self.values.values[name][:2]]
        return [
            Parameters((flag, address))
            for address in self.values.of(SEARCH, "address")
            for flag in flags
            if self.lists.selected((address,)) and not self.lists.selected((flag, address))
        ][:1]

    def _chosen(self, choice: Choice, rows: Sequence[covering.Row]) -> list[Parameters]:
        """Return the parameters of rows, as far as the data have values for them, each once."""
        found = [choice.parameters(row, number) for number, row in enumerate(rows)]
        return [item for item in dict.fromkeys(found) if item is not None]

    def _read(self, kinds: Sequence[str]) -> None:
        values = [value for group in self.values.values.values() for value in group]
        needed = [value for value in values if value.kind in kinds]
        self.lists.read(pair for value in needed for pair in self.lists.needs(Parameters((value,))))

    def _within(self, parameters: Parameters) -> Parameters:
        """Return parameters with the filters of the list that is known, where they have none of their own."""
        base = [
            value
            for name, text in self.lists.listed.base
            for value in self.values.values[name]
            if value.text == text and name not in parameters.names
        ]
        return Parameters((*base, *parameters.values))

    def judge(self, name: str, several: Callable[[], Sequence[Parameters]]) -> None:
        """Expect the predicted response to each request.

        :param name: under which the simplest request that fails is kept: a confirmation sends only that.
        :raises Breach: for the simplest request that fails.
        """
        failing = self._session.failing
        if name not in failing:
            first = self._first_failing(several())
            if first is None:
                return
            failing[name] = (self._simplest(first), first)
        simplest, first = failing[name]
        detail = None
        if simplest != first:
            parts = listing(first.names, len(first.names))
            detail = f"the simplest request that fails, found from one with {parts}"
        self._judge(simplest, detail)

    def _first_failing(self, several: Sequence[Parameters]) -> Parameters | None:
        if self._in_order:
            several = [*self.lists.read_combined(several), *several]
        for start in range(0, len(several), _BATCH):
            batch = several[start : start + _BATCH]
            self._api.lists(*(item.query for item in batch))
            for item in batch:
                if self._fails(item):
                    return item
        return None

    def _judge(self, parameters: Parameters, detail: str | None = None) -> None:
        self.lists.read(self.lists.needs(parameters))
        if self._in_order:
            self.lists.read_combined([parameters])
        answer = self._api.lists(parameters.query)[0]
        self.lists.predict(parameters).judge(answer, self._known.foreign, detail)

    def _fails(self, parameters: Parameters) -> bool:
        try:
            self._judge(parameters)
        except Breach:
            return True
        return False

    def _simplest(self, parameters: Parameters) -> Parameters:
        """Return the simplest request that fails too: without a parameter, or with a simpler value."""
        attempts = 0

        def still_fails(other: Parameters) -> bool:
            nonlocal attempts
            attempts += 1
            try:
                return attempts <= _ATTEMPTS and self._fails(other)
            except Inconclusive:
                return False

        smaller = True
        while smaller:
            smaller = False
            for name in parameters.names:
                if self._is_base(name):
                    continue
                without = parameters.without(name)
                if still_fails(without):
                    parameters, smaller = without, True
        for value in parameters.values:
            for other in simpler(value, self.values):
                if still_fails(parameters.having(other)):
                    parameters = parameters.having(other)
                    break
        return parameters

    def _is_base(self, name: str) -> bool:
        return any(name == own for own, _ in self.lists.listed.base)


def _few_valid(choice: Choice) -> list[covering.Row]:
    """Return rows of valid values: each combination of three filters, then what covers most."""

    def covers(row: covering.Row) -> set[object]:
        parameters = choice.parameters(row, 0)
        if parameters is None:
            return set()
        present = {name for name in parameters.names if name in SELECTING}
        silent = present - choice.told(parameters.values)
        found = {
            goal
            for goal in covering.goals(row)
            if not any(name in silent for name, there in goal if there)
        }
        telling: list[tuple[str, ...]] = [
            names for names in combinations(sorted(present), 3) if not silent & set(names)
        ]
        if len(present) > 1 and choice.leaks(parameters.values):
            telling.append(("isolation", *sorted(present)))
        return found | {(names, copy) for names in telling for copy in range(_WEIGHT)}

    candidates = covering.with_other_booleans(covering.valid_rows())
    return covering.by_gain(candidates, covers)[:FEW_VALID]


def tells(lists: Lists, several: Sequence[Parameters]) -> bool:
    """Return whether a request has two filters and a list with some of the profiles and not all."""
    return any(
        item.filters > 1 and 0 < len(page.ids) < len(lists.everything)
        for item in several
        for page in lists.predict(item).pages
    )
