"""What cases say of an answer. Each expectation raises a :class:`Breach` that explains itself."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from conformance.contract.verdict import Breach
from conformance.http.exchange import Exchange
from conformance.text.wording import listing, plural, whole_words

_SHOWN = 5


def shown(ids: Collection[str]) -> str:
    """Ids for a person: the first few, and how many more."""
    return listing(sorted(ids), _SHOWN) or "none"


def counted(number: int, noun: str = "record") -> str:
    """``1 record``, ``2 records``."""
    return plural(number, noun)


class expect:  # noqa: N801 (reads as a verb in the cases)
    """Expectations on one exchange, to be chained."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def page(self) -> expect:
        """A list: 200 with the list envelope."""
        if not self._exchange.is_page:
            raise self._exchange.breach("200 with a list", self._exchange.summary(), certain=True)
        return self

    def record(self, record: str | None = None) -> expect:
        """One profile: 200 with the single envelope, and the id that was asked for."""
        exchange = self._exchange
        if not exchange.is_record:
            # Whoever was deleted meanwhile is not found; no other answer comes of that.
            raise exchange.breach(
                "200 with the profile", exchange.summary(), certain=exchange.status != 404
            )
        received = str(exchange.member("data", "id")).lower()
        if record is not None and received != record.lower():
            raise exchange.breach(f"the profile {record}", f"the profile {received}", certain=True)
        return self

    def error(self, *statuses: int) -> expect:
        """An error envelope with one of these statuses."""
        exchange = self._exchange
        wanted = " or ".join(str(status) for status in statuses)
        if exchange.status not in statuses or not exchange.is_error:
            raise exchange.breach(
                f"{wanted} with an error envelope", exchange.summary(), certain=True
            )
        return self

    def refusal(self) -> expect:
        """A parameter refused: 400 or 422 with an error envelope."""
        return self.error(400, 422)

    def refusal_or_page(self) -> expect:
        """Either of the two lawful answers to an input that the contract does not define."""
        exchange = self._exchange
        if not exchange.is_refusal and not exchange.is_page:
            raise exchange.breach(
                "400 or 422 with an error envelope, or 200 with a list",
                exchange.summary(),
                certain=True,
            )
        return self

    def meta(self, **members: object) -> expect:
        """``meta`` of a page has these values, exactly and of the same type."""
        return self._meta(members, certain=False)

    def _meta(self, members: dict[str, object], *, certain: bool) -> expect:
        self.page()
        for name, value in members.items():
            received = self._exchange.member("meta", name)
            if received != value or type(received) is not type(value):
                raise self._exchange.breach(
                    f"meta.{name} {_json(value)}",
                    f"meta.{name} {_json(received)}",
                    certain=certain or name == "limit",
                )
        return self

    def ids(self, wanted: Sequence[str]) -> expect:
        """Exactly these records in this order."""
        self.page()
        received = self._exchange.ids
        if received == list(wanted):
            return self
        same_ids(wanted, received, self._exchange)
        place = next(
            (i for i, pair in enumerate(zip(wanted, received, strict=False)) if pair[0] != pair[1]),
            0,
        )
        raise self._exchange.breach(
            f"{counted(len(wanted))} in the order of the list",
            f"another order from place {place + 1} on",
            f"there the list has {wanted[place]}, this page {received[place]}",
        )

    def part(self, whole: Sequence[str], offset: int, limit: int) -> expect:
        """The records of the whole list that ``offset`` and ``limit`` name, in its order.

        A page that says ``has_more`` may hold fewer; that it should be full is a requirement of its own.
        """
        self.page()
        wanted = list(whole[offset : offset + limit])
        received = len(self._exchange.ids)
        if 0 < received < len(wanted) and self._exchange.member("meta", "has_more") is True:
            wanted = wanted[:received]
        return self.ids(wanted)

    def announces(self, total: int, offset: int) -> expect:
        """``has_more`` is true exactly where records lie behind the page, of so many in all."""
        self.page()
        return self.meta(has_more=offset + len(self._exchange.rows) < total)

    def empty(self, *, certain: bool = False) -> expect:
        """No record, and no page behind; ``certain`` where none can be there, however the data move."""
        self.page()
        if self._exchange.rows:
            raise self._exchange.breach("an empty list", self._exchange.summary(), certain=certain)
        return self._meta({"has_more": False, "next_offset": None}, certain=certain)


def same_ids(
    wanted: Collection[str],
    received: Sequence[str],
    exchange: Exchange,
    witnesses: Collection[str] = (),
) -> None:
    """The same records, in whatever order, none repeated.

    :param witnesses: see :meth:`Exchange.finding`.
    :raises Breach: naming what is missing, what is unexpected, what is repeated.
    """
    missing, extra = set(wanted) - set(received), set(received) - set(wanted)
    repeated = (
        {record for record in received if received.count(record) > 1}
        if len(set(received)) != len(received)
        else set()
    )
    if not (missing or extra or repeated):
        return
    parts = [
        f"{counted(len(found))} {what}: {shown(found)}"
        for what, found in (("missing", missing), ("too much", extra), ("repeated", repeated))
        if found
    ]
    raise Breach(
        exchange.finding(
            f"exactly {counted(len(set(wanted)))}",
            counted(len(received)),
            "; ".join(parts),
            witnesses=witnesses,
        )
    )


def _json(value: object) -> str:
    """A value as JSON writes it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else f"{whole_words(text, 79)}…"
