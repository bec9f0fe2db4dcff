"""A backend that answers from a model of a target, and spoils some of the answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from random import Random

from conformance.doctor.rehearsal import Rehearsal
from conformance.http import bounds
from conformance.http.batches import in_record
from conformance.http.exchange import Exchange
from conformance.http.failures import ExchangeOrError
from conformance.http.limits import Limits
from conformance.http.request import Request
from conformance.model.service import Service
from conformance.target.secrets import Redactor
from conformance.target.target import Target
from tests.hostile.spoiling import SPOILERS, Answer, spoilt
from tests.support.model_rows import OTHER_DIRECTORY, OWN_DIRECTORY

ORDINARY = 0.7
"""The share of runs whose first response is not spoilt, without which most runs would end there."""


class Spoiling(Rehearsal):
    """Answers as the model does, and changes some answers, which follow from the seed.

    :param only: the requests whose answers are changed, each of them; by default the seed chooses.
    """

    def __init__(
        self, target: Target, limits: Limits, seed: str, only: Collection[Request] = ()
    ) -> None:
        super().__init__(target, Service(OWN_DIRECTORY, OTHER_DIRECTORY), limits)
        self._random = Random(seed)
        self._redactor = Redactor(target)
        self._only = only
        self._share = 1.0 if only else self._random.choice([1.0, 0.5, 0.1, 0.03])
        some = self._random.sample(SPOILERS, self._random.choice([1, 2, len(SPOILERS)]))
        self._spoilers = tuple(some)
        self._spared = 1 if not only and self._random.random() < ORDINARY else 0
        self._before: Answer | None = None
        self.spoilt: list[Exchange] = []
        self.on_wait: Callable[[str], None] | None = None

    def answer(
        self, requests: Sequence[Request], epoch: int
    ) -> list[tuple[Request, ExchangeOrError]]:
        """Return each request with its answer, in the order of the record."""
        self.tally.epoch = epoch
        answers = dict(super().answer(requests, epoch))
        for request in requests:
            trace = self.tally.trace(request)
            trace.attempts = 1 if isinstance(answers[request], Exchange) else 0
        return [
            (request, self._changed(answers[request]))
            for request in sorted(requests, key=in_record)
        ]

    def _changed(self, answer: ExchangeOrError) -> ExchangeOrError:
        if not isinstance(answer, Exchange) or (self._only and answer.request not in self._only):
            return answer
        plain = Answer(answer.status, answer.headers, answer.body)
        if self._spared:
            self._spared -= 1
            return answer
        if self._random.random() >= self._share:
            self._before = plain
            return answer
        other = self._before if self._before and self._random.random() < 0.05 else plain
        found = spoilt(self._random, other, self._spoilers)
        head = answer.request.method == "HEAD" and self._random.random() < 0.9
        body = b"" if head else found.body
        made = Exchange(
            0,
            answer.request,
            answer.url,
            found.status,
            tuple(
                (name, self._redactor.text(value.strip()))
                for name, value in found.headers[: bounds.MAX_HEADERS + 1]
            ),
            self._redactor.bytes(
                body[: bounds.KEPT_OF_CUT] if len(body) > bounds.MAX_BODY else body
            ),
            answer.elapsed,
            answer.at,
            answer.started_at,
            len(body) > bounds.MAX_BODY,
        )
        self.spoilt.append(made)
        return made
