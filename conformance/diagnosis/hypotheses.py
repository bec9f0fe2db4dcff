"""Hypotheses: *what* a server does otherwise than the contract, and *when*."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.diagnosis.context import Context, Plan
from conformance.diagnosis.lawful import Lawful
from conformance.model.rows import ModelDirectory, Row

Change = Callable[[Lawful, Context, Plan], None]
Numbers = Callable[[Context, Sequence[int]], list[int]]
Record = Callable[[Lawful, ModelDirectory, str, Row | None], Row | None]


@dataclass(frozen=True, eq=False)
class What:
    """A decision that a server makes in another way.

    ``title`` says what is wrong as a clause, ``usually`` what leads to it in common frameworks, ``fix`` how
    it is mended. The other members are the decision: a change of a list response at a ``stage`` (``query``,
    ``found``, ``rows``, ``more``, ``next``), of the limit or offset in force, of the record that a retrieve
    returns, of the key in whose name a request is answered, or a status code in place of the response.

    ``needs`` are literals without which the decision is not made. ``learned`` says that a number in it was
    taken from the responses, so that one response alone does not support it, ``narrow`` that it speaks of
    profiles with a certain value, of which there are many kinds, ``access`` that it is about whose profiles
    are shown, on which the length of a page has no effect, ``any_record`` that a retrieve returns some
    profile of the organisation in place of none. ``rank`` sorts equals.
    """

    title: str
    usually: str
    fix: str
    stage: str = ""
    change: Change | None = None
    limits: Numbers | None = None
    offsets: Numbers | None = None
    record: Record | None = None
    key: Callable[[Context], str | None] | None = None
    status: int | None = None
    needs: frozenset[str] = frozenset()
    learned: bool = False
    narrow: bool = False
    access: bool = False
    any_record: bool = False
    rank: int = 0

    def applies(self, context: Context) -> bool:
        """Return whether the decision can matter for a request."""
        return self.needs <= context.literals


@dataclass(frozen=True, eq=False)
class Layer:
    """A hypothesis: a decision, and the literals under which it is made."""

    what: What
    when: frozenset[str] = frozenset()

    def active(self, context: Context) -> bool:
        """Return whether the decision is made for a request."""
        return self.when <= context.literals and self.what.needs <= context.literals
