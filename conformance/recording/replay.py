"""Judge a run again from its transcript, without sending anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.contract.document import Contract
from conformance.errors import NotHeld, TranscriptError
from conformance.http.backend import Tally
from conformance.http.batches import in_record
from conformance.http.client import Client
from conformance.http.failures import ExchangeOrError, Incident
from conformance.http.limits import Limits, Rate
from conformance.http.quota import KeyCount
from conformance.http.request import Request
from conformance.privacy.text_notes import Notes
from conformance.recording.har import Recorded, Recording
from conformance.recording.seal import OURS
from conformance.target.credentials import CREDENTIALS
from conformance.target.network import Network
from conformance.target.target import Target

_CASED = "key in another letter case"
_PLACEHOLDER = "a-replay-needs-no-key-of-its-own"
_DIGITS_PLACEHOLDER = "31415926535897932384626433832795"
_OTHER_PLACEHOLDER = "nor-one-of-another-organisation"


def described(
    client: Client,
    *,
    depth: str,
    requirements: str,
    seed: int,
    interrupted: bool,
    terminated: bool = False,
    masked: bool = False,
) -> dict[str, Any]:
    """Return the facts of a run that a replay needs besides its exchanges."""
    target, limits = client.target, client.limits
    return {
        "base_url": target.base_url,
        "embedded": target.embedded,
        "other_key": target.other_key is not None,
        "key_has_letter_case": CREDENTIALS[_CASED].applies(target),
        "foreign_ids": list(target.foreign_ids),
        "location_ids": list(target.location_ids),
        "known_ids": list(target.known_ids),
        "other_location_ids": list(target.other_location_ids),
        "depth": depth,
        "requirements": requirements,
        "seed": seed,
        "max_requests": limits.max_requests,
        "concurrency": limits.concurrency,
        "rate": str(limits.rate) if limits.rate else None,
        "max_wait": limits.max_wait,
        "no_writes": limits.no_writes,
        "network": {
            "headers": target.network.header_names,
            "ca_bundle": target.network.ca_bundle,
            "client_cert": list(target.network.client_cert),
            "insecure": target.network.insecure,
            "http2": target.network.http2,
            "curl": list(target.network.curl),
        },
        "interrupted": interrupted,
        "terminated": terminated,
        "masked": masked,
    }


def target_of(run: Mapping[str, Any]) -> Target:
    """Return the target of a recorded run, with placeholders for its keys."""
    try:
        recorded = run["network"]
        network = Network(
            headers=tuple((name, "") for name in recorded["headers"]),
            ca_bundle=recorded["ca_bundle"],
            client_cert=tuple(recorded["client_cert"]),
            insecure=recorded["insecure"],
            http2=recorded.get("http2", False),  # not in older transcripts
        )
        return Target(
            run["base_url"],
            _PLACEHOLDER if run["key_has_letter_case"] else _DIGITS_PLACEHOLDER,
            _OTHER_PLACEHOLDER if run["other_key"] else None,
            tuple(run["foreign_ids"]),
            tuple(run["location_ids"]),
            tuple(run.get("known_ids", ())),  # not in older transcripts
            tuple(run.get("other_location_ids", ())),
            embedded=run["embedded"],
            network=network,
        )
    except (KeyError, TypeError) as problem:
        raise TranscriptError(f"its {OURS} member lacks what a replay needs: {problem}") from None


def notes_of(run: Mapping[str, Any]) -> Notes:
    """Return the notes of a recorded run on the texts that its transcript hides."""
    if not run.get("masked"):
        return Notes()
    if not isinstance(run.get("notes"), dict):
        raise TranscriptError(f"its {OURS} member lacks what a replay needs: 'notes'")
    return Notes(run["notes"])


def requirements_of(run: Mapping[str, Any], contract: Contract) -> str | None:
    """Return the name of the requirement set that a recorded run was judged by; None if it names none."""
    recorded = run.get("requirements")  # not in older transcripts
    if recorded is None:
        return None
    found = contract.set_of(str(recorded))
    if found is None:
        raise TranscriptError(
            f"it was judged by version {recorded} of the contract, which this suite does not have: "
            f"judge it with --requirements {' or '.join(contract.requirement_sets)}"
        )
    return found


def limits_of(run: Mapping[str, Any]) -> Limits:
    """Return the limits of a recorded run."""
    return Limits(
        max_requests=run["max_requests"],
        concurrency=run["concurrency"],
        rate=Rate.parse(run["rate"]) if run["rate"] else None,
        max_wait=run["max_wait"],
        no_writes=run["no_writes"],
    )


class Replay:
    """A backend that answers from a transcript, with the counts of the recorded run.

    A request that the transcript does not contain is inconclusive. Nothing is sent.
    """

    def __init__(self, recording: Recording, target: Target) -> None:
        self.target = target
        self.limits = limits_of(recording.run)
        self.tally = Tally()
        self.on_wait: Callable[[str], None] | None = None
        self._interrupted = bool(recording.run["interrupted"])
        self._entries = {(item.epoch, item.request): item for item in recording.entries}
        self._incidents: dict[int, Incident] = {}
        self._granted: Mapping[str, int] = {}

    def answer(
        self, requests: Sequence[Request], epoch: int
    ) -> list[tuple[Request, ExchangeOrError]]:
        """Return each request of a batch with its recorded answer, in the order of the record.

        :raises KeyboardInterrupt: at the request at which the recorded run was interrupted.
        """
        in_order = sorted(requests, key=in_record)
        found = [(request, self._entries.get((epoch, request))) for request in in_order]
        for _, item in found:
            if item is not None:
                self._count(item)
                self._granted = item.granted
        self.tally.incidents = [self._incidents[index] for index in sorted(self._incidents)]
        if self._interrupted and any(item is None or item.answer is None for _, item in found):
            raise KeyboardInterrupt
        return [
            (request, NotHeld("the transcript does not contain this request"))
            if item is None or item.answer is None
            else (request, item.answer)
            for request, item in found
        ]

    def left(self, identity: str) -> int:
        """Return the number of requests that the identity could still send after the recorded batch."""
        granted = self._granted.get(identity, self.limits.max_requests)
        return max(0, min(self.limits.max_requests, granted) - self.tally.sent[identity])

    def key_count(self, identity: str) -> KeyCount | None:  # noqa: ARG002
        """Return None: a transcript keeps what was granted, and not the count."""
        return None

    def stop(self) -> None:
        """Do nothing: nothing is pending."""

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def _count(self, item: Recorded) -> None:
        if item.attempts:
            self.tally.count(item.request, item.attempts)
        self._incidents |= dict(item.incidents)
