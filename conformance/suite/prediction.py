"""The lawful responses to a list request with any parameters, and how a response differs from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from conformance.contract.bounds import MAX_LIMIT
from conformance.http.exchange import Exchange
from conformance.suite.expect import counted, shown
from conformance.suite.readings import SELECTING, Parameters
from conformance.suite.universal import is_integer
from conformance.text.wording import written

_FIREWALL = (403, 406)


@dataclass(frozen=True)
class Page:
    """A page that is a lawful response.

    ``ids`` are those of the complete list, ``order`` is that list if the run has read it. ``limit`` is None
    if any limit in range may be in force.
    """

    limit: int | None
    offset: int
    ids: frozenset[str]
    order: Sequence[str] | None = None

    def problem(self, page: Exchange) -> str | None:
        """Return how a page differs from this one, None if it does not."""
        limit = page.member("meta", "limit")
        if self.limit is not None and not (is_integer(limit) and limit == self.limit):
            return f"meta.limit {written(limit)}"
        if not is_integer(limit) or not 1 <= limit <= MAX_LIMIT:
            return f"meta.limit {written(limit)}"
        return self._records(page, limit) or self._end(page)

    def _records(self, page: Exchange, limit: int) -> str | None:
        received = page.ids
        unexpected = set(received) - self.ids
        if unexpected:
            return f"{counted(len(unexpected), 'unexpected record')}: {shown(unexpected)}"
        if len(set(received)) != len(received):
            repeated = {record for record in received if received.count(record) > 1}
            return f"{counted(len(repeated))} returned more than once: {shown(repeated)}"
        wanted = self.count(limit)
        # A page with has_more true may hold fewer: that it is full is another requirement.
        short = 0 < len(received) < wanted and page.member("meta", "has_more") is True
        if len(received) != wanted and not short:
            return counted(len(received))
        if self.order is not None:
            expected = list(self.order[self.offset : self.offset + len(received)])
            if received != expected:
                return f"other records than the complete list has there: {shown(received)}"
        return None

    def _end(self, page: Exchange) -> str | None:
        end = self.offset + len(page.ids)
        more = end < len(self.ids)
        for name, wanted in (("has_more", more), ("next_offset", end if more else None)):
            value = page.member("meta", name)
            if value != wanted or type(value) is not type(wanted):
                return f"{counted(len(page.ids))}, meta.{name} {written(value)}"
        return None

    def count(self, limit: int) -> int:
        """Return the number of records that a page with this limit holds."""
        return min(limit, max(len(self.ids) - self.offset, 0))

    def text(self, filters: Sequence[str]) -> str:
        """Return the page in words.

        :param filters: the names of the filters and the search.
        """
        limit = f"meta.limit {self.limit}" if self.limit is not None else "the limit in force"
        what = counted(self.count(self.limit or MAX_LIMIT))
        at_most = "at most " if self.limit is None else ""
        whole = counted(len(self.ids), "profile")
        if len(filters) > 1:
            verb = f"that {_all(filters)} each list on their own"
        else:
            verb = f"of the list with {filters[0]} alone" if filters else "of the list"
        return f"200 with {at_most}{what} from offset {self.offset} of the {whole} {verb}, {limit}"


@dataclass(frozen=True)
class Prediction:
    """All lawful responses to one request: some pages, and a refusal if ``refused``."""

    parameters: Parameters
    pages: tuple[Page, ...]
    refused: bool
    blocked: bool

    def judge(
        self, answer: Exchange, foreign: Collection[str] = (), detail: str | None = None
    ) -> None:
        """Expect one of the lawful responses.

        :param foreign: ids of another organisation's profiles.
        :raises Breach: if the response is none of them.
        """
        leaked = set(answer.ids) & set(foreign)
        if leaked:
            raise answer.breach(
                "only profiles of the key's organisation",
                f"{counted(len(leaked), 'profile')} of another organisation: {shown(leaked)}",
                detail,
                certain=True,
            )
        if answer.is_refusal and self.refused:
            return
        if self.blocked and answer.status in _FIREWALL:
            return  # the page of a firewall is not a response of the API
        if not answer.is_page:
            raise answer.breach(self.text(), answer.summary(), detail, certain=answer.status >= 500)
        problems = [page.problem(answer) for page in self.pages]
        if None not in problems:
            raise answer.breach(self.text(), str(problems[0]), detail)

    def text(self) -> str:
        """Return the lawful responses in words; of several pages the most likely one."""
        filters = [name for name in self.parameters.names if name in SELECTING]
        text = self.pages[0].text(filters)
        if not self.refused:
            return text
        wrong = _all([value.name for value in self.parameters.wrong])
        return f"400 or 422 for {wrong}, or {text}"


def _all(names: Sequence[str]) -> str:
    """Return names as text, with "and" before the last one."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
