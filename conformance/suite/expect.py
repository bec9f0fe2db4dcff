"""Expectations on a response. One that fails raises a :class:`Breach` with what was expected and received."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange
from conformance.http.request import Id, named
from conformance.text.wording import listing, plural, written

_SHOWN = 5


def shown(ids: Collection[str]) -> str:
    """Return the first few ids as text, and the number of the others."""
    return listing([named(record) for record in sorted(ids)], _SHOWN) or "none"


def counted(number: int, noun: str = "record") -> str:
    """Return a number with its noun: ``1 record``, ``2 records``."""
    return plural(number, noun)


def missing_from(wanted: Collection[str], missing: Collection[str], noun: str = "record") -> str:
    """Return ``2 of 37 records are missing`` with the ids that are missing."""
    verb = "is" if len(missing) == 1 else "are"
    return f"{len(missing)} of {counted(len(wanted), noun)} {verb} missing: {shown(missing)}"


class expect:  # noqa: N801 (reads as a verb in the cases)
    """Expectations on the response of one exchange; each returns itself, so that they can be chained."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def page(self) -> expect:
        """Expect that the request returns a list.

        :raises Inconclusive: for 200 without the list envelope, which the requirements of the envelope judge.
        """
        if not self._exchange.is_page:
            _require_envelope(self._exchange)
            raise self._exchange.breach("200 with a list", self._exchange.summary(), certain=True)
        return self

    def record(self, record: str | None = None) -> expect:
        """Expect that the request returns one profile, with this id if one is given.

        :raises Inconclusive: for 200 without the single envelope.
        """
        exchange = self._exchange
        if not exchange.is_record:
            _require_envelope(exchange)
            # 404 may mean that the profile was deleted meanwhile; any other status is conclusive.
            raise exchange.breach(
                "200 with the profile", exchange.summary(), certain=exchange.status != 404
            )
        received = Id.of(exchange.member("data"))
        if record is not None and received != record.lower():
            raise exchange.breach(
                f"the profile {named(record)}", f"the profile {named(received)}", certain=True
            )
        return self

    def error(self, *statuses: int) -> expect:
        """Expect an error with one of these status codes. ENV-04 judges the envelope of every error."""
        exchange = self._exchange
        if exchange.status not in statuses:
            wanted = " or ".join(str(status) for status in statuses)
            raise exchange.breach(wanted, exchange.summary(), certain=True)
        return self

    def refusal(self) -> expect:
        """Expect that a parameter is refused with 400 or 422."""
        return self.error(400, 422)

    def refusal_or_page(self) -> expect:
        """Expect one of the two responses that are allowed for an input that the contract does not define."""
        exchange = self._exchange
        if exchange.status not in (400, 422) and not exchange.is_page:
            _require_envelope(exchange)
            raise exchange.breach(
                "400 or 422, or 200 with a list", exchange.summary(), certain=True
            )
        return self

    def meta(self, **members: object) -> expect:
        """Expect a page whose ``meta`` has these values.

        :raises Inconclusive: if a member is absent or of a type that the contract does not allow.
        """
        require_page(self._exchange)
        for name, value in members.items():
            received = self._exchange.member("meta", name)
            if type(received) not in _TYPES[name]:
                raise Inconclusive(
                    f"meta.{name} of exchange {self._exchange.number} is {written(received)}, "
                    "which has another type"
                )
            if received != value:
                raise self._exchange.breach(
                    f"meta.{name} {written(value)}",
                    f"meta.{name} {written(received)}",
                    certain=name == "limit",
                )
        return self

    def ids(self, wanted: Sequence[str]) -> expect:
        """Expect a page with exactly these records in this order.

        :raises Inconclusive: if a record occurs twice, so that the order has no meaning.
        """
        received = require_page(self._exchange).ids
        if received == list(wanted):
            return self
        same_ids(set(wanted), list(dict.fromkeys(received)), self._exchange)
        if len(set(wanted)) < len(wanted) or len(set(received)) < len(received):
            raise Inconclusive("a record is listed twice, so that orders cannot be compared")
        index = next(
            (i for i, pair in enumerate(zip(wanted, received, strict=False)) if pair[0] != pair[1]),
            0,
        )
        raise self._exchange.breach(
            f"{counted(len(wanted))} in the order of the list",
            f"another order from position {index + 1} on",
            f"at this position the list has {wanted[index]}, the page has {received[index]}",
        )

    def slice_of(self, ids: Sequence[str], offset: int, limit: int) -> expect:
        """Expect the records of a list from ``offset`` on, at most ``limit``, in the order of the list.

        A page with ``has_more`` true may hold fewer: that it is full is another requirement, and so is that
        it holds no more than ``limit``.

        :param ids: the ids of the complete list.
        """
        received = len(require_page(self._exchange).ids)
        wanted = list(ids[offset : offset + max(limit, received)])
        if 0 < received < len(wanted) and self._exchange.member("meta", "has_more") is True:
            wanted = wanted[:received]
        return self.ids(wanted)

    def announces(self, total: int, offset: int) -> expect:
        """Expect ``has_more`` true if records follow the page, else false.

        :param total: the number of records of the list.
        :param offset: the offset of the page.
        """
        return self.meta(has_more=offset + len(self._exchange.rows) < total)

    def empty(self, *, certain: bool = False) -> expect:
        """Expect a page without a record. That it is the last page is judged by pagination.

        :param certain: a change of the data cannot explain a record on the page.
        """
        if require_page(self._exchange).rows:
            raise self._exchange.breach("an empty list", self._exchange.summary(), certain=certain)
        return self

    def end(self) -> expect:
        """Expect an empty page that is the last one."""
        return self.page().empty().meta(has_more=False, next_offset=None)


_TYPES: dict[str, tuple[type, ...]] = {
    "limit": (int,),
    "has_more": (bool,),
    "next_offset": (int, type(None)),
}
"""Member of ``meta`` → the types of its values."""


def _require_envelope(exchange: Exchange) -> None:
    """Raise the doubt that is left by a response with 200 that has another envelope than its operation.

    :raises Inconclusive: if the status is 200.
    """
    if exchange.status == 200:
        raise Inconclusive(
            f"exchange {exchange.number} returned 200 with a body that has not the envelope"
        )


def require_page(exchange: Exchange) -> Exchange:
    """Return a page that another one is compared with.

    :raises Inconclusive: if it is not a page, which is a finding of the case that is about this request.
    """
    if not exchange.is_page:
        raise Inconclusive(
            f"exchange {exchange.number}, which is needed to judge, returned {exchange.summary()}"
        )
    return exchange


def same_ids(
    wanted: Collection[str],
    received: Sequence[str],
    exchange: Exchange,
    witnesses: Collection[str] = (),
    like: str = "",
) -> None:
    """Expect the same records in any order, each once.

    :param witnesses: see :meth:`Exchange.finding`.
    :param like: what the records are compared with, as in "the same term in lower case".
    :raises Breach: with the records that are missing, unexpected or repeated.
    """
    missing, unexpected = set(wanted) - set(received), set(received) - set(wanted)
    repeated = (
        {record for record in received if received.count(record) > 1}
        if len(set(received)) != len(received)
        else set()
    )
    if not (missing or unexpected or repeated):
        return
    parts = []
    if missing:
        parts.append(missing_from(set(wanted), missing))
    if unexpected:
        parts.append(f"{counted(len(unexpected), 'unexpected record')}: {shown(unexpected)}")
    if repeated:
        parts.append(f"{counted(len(repeated))} returned more than once: {shown(repeated)}")
    raise Breach(
        exchange.finding(
            f"exactly {counted(len(set(wanted)))}" + (f", as for {like}" if like else ""),
            counted(len(received)),
            "; ".join(parts),
            witnesses=witnesses,
        )
    )
