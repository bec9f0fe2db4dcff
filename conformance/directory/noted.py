"""Records what a lexicon finds, for a replay and for the next lexicon of the same profiles."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from conformance.directory.searched import SEARCHED
from conformance.privacy.text_notes import Notes, plain
from conformance.text.uuids import is_uuid

Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")


class Noting(Protocol):
    """What has methods whose results are recorded.

    ``basis`` is all that the results depend on, as the key of a note, and ``results`` has those that were
    found before.
    """

    notes: Notes

    @property
    def basis(self) -> list[Any]: ...

    @property
    def results(self) -> dict[Hashable, Any]: ...


Of = TypeVar("Of", bound=Noting)


def noted(
    restored: Callable[[Any], Answer], *, literal: bool = False
) -> Callable[[Callable[Concatenate[Of, Asked], Answer]], Callable[Concatenate[Of, Asked], Answer]]:
    """Record the results of a method, so that they are looked up if a transcript with pseudonyms is replayed.

    :param restored: converts a result from JSON to the type that the method returns.
    :param literal: the arguments are names of the contract or UUIDs, which a transcript shows as they are.
    """

    def note(
        method: Callable[Concatenate[Of, Asked], Answer],
    ) -> Callable[Concatenate[Of, Asked], Answer]:
        @wraps(method)
        def recalled(self: Of, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
            # An id that is not a UUID may be a name, so the transcript hides it.
            shown = literal and all(arg in SEARCHED or is_uuid(str(arg)) for arg in args)
            name = f"{method.__name__} {args}" if shown else method.__name__
            about = [name, *self.basis, *(() if shown else args), kwargs]
            key = method.__name__, args, tuple(kwargs.items())
            found = self.results

            def find() -> Any:
                if key not in found:
                    found[key] = plain(method(self, *args, **kwargs))
                return found[key]

            return restored(self.notes.recall(about, find))

        return cast("Callable[Concatenate[Of, Asked], Answer]", recalled)

    return note


@lru_cache(maxsize=8)
def results_about(content: str) -> dict[Hashable, Any]:  # noqa: ARG001 - the key
    """Return the results about profiles so far: a proof judges hundreds of servers with the same ones."""
    return {}
