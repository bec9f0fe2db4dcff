"""Predicts the response to a list request with any parameters, from lists that the run has read.

What a request with several parameters must return follows from the lists that each filter and the search
return on their own. So no order, no way to search and no choice of the target is presumed: a response is
compared with other responses of the same target, and with the readings that the contract allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList
from conformance.suite.prediction import Page, Prediction
from conformance.suite.readings import (
    ALL,
    LIMIT,
    NAMES,
    NOTHING,
    NUMBERS,
    OFFSET,
    SELECTING,
    Meaning,
    Parameters,
    Reading,
    Selects,
    Value,
)

Combination = frozenset[tuple[str, str]]
"""Filters and search of a request, as pairs of name and text."""


class Lists:
    """The lists of single filters and searches, and of combinations of them, as the target returns them.

    ``listed`` is the list that is known completely. If that is a part of a large directory, every request
    has the filter that selects it.
    """

    def __init__(self, api: Api, listed: Directory) -> None:
        self._api = api
        self.listed = listed
        self.everything = frozenset(listed.ids)
        self._alone: dict[tuple[str, str], FullList] = {}
        self._sets: dict[tuple[str, str], frozenset[str]] = {}
        self._combined: dict[Combination, FullList] = {}
        self._selected: dict[Combination, frozenset[str]] = {}

    def read(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Read the list of each of these filters alone.

        :raises Inconclusive: if one of them cannot be read completely.
        """
        missing = [pair for pair in dict.fromkeys(pairs) if pair not in self._alone]
        missing = [pair for pair in missing if pair not in self.listed.base]
        queries = [
            (pair, *self.listed.base) if pair[0] == "location_id" else (*self.listed.base, pair)
            for pair in missing
        ]
        for pair, result in zip(missing, self._api.full_lists(queries), strict=True):
            self._alone[pair] = complete(result, pair[0])
            self._sets[pair] = frozenset(result.ids)

    @property
    def results(self) -> frozenset[tuple[tuple[str, str], frozenset[str]]]:
        """What was read: each filter with the profiles that it selects."""
        return frozenset(self._sets.items())

    def ids(self, name: str, meaning: Meaning) -> frozenset[str]:
        """Return the profiles that a reading of a filter selects."""
        if isinstance(meaning, Selects):
            pair = (name, meaning.text)
            if pair in self.listed.base:
                return self.everything
            return self._sets[pair]
        return self.everything if meaning == ALL else frozenset()

    def selected(self, values: Sequence[Value]) -> frozenset[str]:
        """Return what the valid filters among the values select."""
        key = frozenset(pair for value in values if (pair := value.selects) is not None)
        if key not in self._selected:
            found = self.everything
            for name, text in key:
                found &= self.ids(name, Selects(text))
            self._selected[key] = found
        return self._selected[key]

    def read_combined(self, several: Iterable[Parameters]) -> list[Parameters]:
        """Read the complete lists of combinations of filters, to know their order.

        Only of requests whose ``limit`` or ``offset`` may show that order.

        :returns: the requests for the first page of each.
        """
        wanted: dict[Combination, Parameters] = {}
        for parameters in several:
            key = self.combination(parameters)
            if key is not None and key not in self._combined:
                selecting = [value for value in parameters.values if value.name in SELECTING]
                wanted.setdefault(key, Parameters(tuple(selecting)))
        results = self._api.full_lists([item.query for item in wanted.values()])
        self._combined |= dict(zip(wanted, results, strict=True))
        full = Value(LIMIT, str(MAX_LIMIT), "most", Reading((MAX_LIMIT,)))
        return [Parameters((*item.values, full)) for item in wanted.values()]

    def combination(self, parameters: Parameters) -> Combination | None:
        """Return the key of the complete list of a request, None if its order is not to be read."""
        selecting = [value for value in parameters.values if value.name in SELECTING]
        key = frozenset((value.name, value.text) for value in selecting)
        paged = any(value.name in NUMBERS for value in parameters.values)
        alone = len(key | set(self.listed.base)) < 2 or key == set(self.listed.base)
        empty = any(NOTHING in value.reading.meanings for value in selecting)
        return None if alone or empty or not paged or parameters.wrong else key

    def order(self, parameters: Parameters, ids: frozenset[str]) -> Sequence[str] | None:
        """Return the complete list in the order of the target, None if the run has not read it.

        :param ids: the profiles of the list.
        """
        key = self.combination(parameters)
        if key is not None:
            known = self._combined.get(key)
            found: Sequence[str] | None = known.ids if known is not None else None
        else:
            found = self._own_list(parameters)
        # A list that has not exactly these records is another finding, and no order to go by.
        exact = found is not None and len(found) == len(ids) and set(found) == ids
        return found if exact else None

    def _own_list(self, parameters: Parameters) -> Sequence[str] | None:
        """Return the list of at most one filter, None if there are more or its list was not read."""
        pairs = {
            (value.name, value.text) for value in parameters.values if value.name in SELECTING
        } - set(self.listed.base)
        if not pairs:
            return tuple(self.listed.ids)
        known = self._alone.get(pairs.pop())
        return known.ids if known is not None and not pairs else None

    def predict(self, parameters: Parameters) -> Prediction:
        """Return the lawful responses to a request.

        The lists of its filters must have been read.
        """
        readings = {name: parameters.reading(name) for name in NAMES}
        pages = []
        for meanings in product(*(readings[name].meanings for name in NAMES)):
            chosen = dict(zip(NAMES, meanings, strict=True))
            ids = self.everything
            for name in SELECTING:
                ids &= self.ids(name, chosen[name])
            limit, offset = chosen[LIMIT], chosen[OFFSET]
            assert isinstance(offset, int)
            assert limit is None or isinstance(limit, int)
            pages.append(Page(limit, offset, ids, self.order(parameters, ids)))
        return Prediction(
            parameters,
            tuple(dict.fromkeys(pages)),
            any(reading.refused for reading in readings.values()),
            any(reading.blocked for reading in readings.values()),
        )

    def needs(self, parameters: Parameters) -> list[tuple[str, str]]:
        """Return the filters whose own lists a prediction needs."""
        return [
            (name, meaning.text)
            for name in SELECTING
            for meaning in parameters.reading(name).meanings
            if isinstance(meaning, Selects)
        ]


def complete(result: FullList, name: str) -> FullList:
    """Return a list that was read completely.

    :raises Inconclusive: if it was not; why not is a finding of the requirements on that filter.
    """
    try:
        return result.joined()
    except Breach as breach:
        raise Inconclusive(
            f"the list with {name} alone could not be read: {breach.findings[0].received}"
        ) from None
