"""The target of a run: base URL, keys, known ids, network settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.target.network import DIRECT, Network

KEY_VARIABLE = "CONFORMANCE_API_KEY"
OTHER_KEY_VARIABLE = "CONFORMANCE_OTHER_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to judge.

    ``base_url`` ends before ``/clinician-profiles`` and has no trailing slash. Keys are kept out of
    ``repr``, so that no traceback or log shows them.
    """

    base_url: str
    own_key: str = field(repr=False)
    other_key: str | None = field(default=None, repr=False)
    foreign_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    known_ids: tuple[str, ...] = ()
    other_location_ids: tuple[str, ...] = ()
    embedded: bool = False
    network: Network = DIRECT
