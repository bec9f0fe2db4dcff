"""What is under test: the base URL, the credentials of requests, what is known of the data."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.target.network import DIRECT, Network

KEY_VARIABLE = "CONFORMANCE_API_KEY"
OTHER_KEY_VARIABLE = "CONFORMANCE_OTHER_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to judge.

    ``base_url`` goes up to and without ``/clinician-profiles`` and has no trailing slash. Keys are kept
    out of ``repr``, so that no traceback or log shows them.
    """

    base_url: str
    own_key: str = field(repr=False)
    other_key: str | None = field(default=None, repr=False)
    foreign_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    embedded: bool = False
    network: Network = DIRECT

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys, longest first."""
        keys = {self.own_key, self.other_key or ""} - {""}
        return tuple(sorted(keys, key=len, reverse=True))
