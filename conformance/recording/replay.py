"""Judges a run again from its record: a client that answers from a file and never sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.errors import NotHeld, TranscriptError
from conformance.http.batches import in_record
from conformance.http.client import Client, ExchangeOrError, Incident
from conformance.http.rate import Rate
from conformance.http.request import Request
from conformance.privacy.text_notes import Notes
from conformance.recording.har import Recorded, Recording
from conformance.recording.seal import OURS
from conformance.target.credentials import CREDENTIALS
from conformance.target.network import Network
from conformance.target.target import Target

_CASED = "key in another letter case"
_STAND_IN = "a-replay-needs-no-key-of-its-own"
_STAND_IN_OF_DIGITS = "31415926535897932384626433832795"
_OTHER_STAND_IN = "nor-one-of-another-organisation"


def described(
    client: Client,
    *,
    depth: str,
    seed: int,
    interrupted: bool,
    terminated: bool = False,
    masked: bool = False,
) -> dict[str, Any]:
    """What a replay has to know of a run besides what was asked and answered."""
    target = client.target
    return {
        "base_url": target.base_url,
        "embedded": target.embedded,
        "other_key": target.other_key is not None,
        "key_has_letter_case": CREDENTIALS[_CASED].applies(target),
        "foreign_ids": list(target.foreign_ids),
        "location_ids": list(target.location_ids),
        "depth": depth,
        "seed": seed,
        "max_requests": client.max_requests,
        "concurrency": client.concurrency,
        "rate": str(client.rate) if client.rate else None,
        "max_wait": client.max_wait,
        "no_writes": client.no_writes,
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
    """The target of a recorded run, with stand-ins where it had keys."""
    try:
        way = run["network"]
        network = Network(
            headers=tuple((name, "") for name in way["headers"]),
            ca_bundle=way["ca_bundle"],
            client_cert=tuple(way["client_cert"]),
            insecure=way["insecure"],
            http2=way.get("http2", False),  # not in older transcripts
        )
        return Target(
            run["base_url"],
            _STAND_IN if run["key_has_letter_case"] else _STAND_IN_OF_DIGITS,
            _OTHER_STAND_IN if run["other_key"] else None,
            tuple(run["foreign_ids"]),
            tuple(run["location_ids"]),
            embedded=run["embedded"],
            network=network,
        )
    except (KeyError, TypeError) as problem:
        raise TranscriptError(f"its {OURS} lacks what a replay needs: {problem}") from None


def notes_of(run: Mapping[str, Any]) -> Notes:
    """What a recorded run had noted of texts that its transcript hides, if it does."""
    if not run.get("masked"):
        return Notes()
    if not isinstance(run.get("notes"), dict):
        raise TranscriptError(f"its {OURS} lacks what a replay needs: 'notes'")
    return Notes(run["notes"])


class Replay(Client):
    """Answers as the recording has it, with the same counts; what that lacks is inconclusive."""

    def __init__(self, recording: Recording, target: Target) -> None:
        run = recording.run
        super().__init__(
            target,
            max_requests=run["max_requests"],
            concurrency=run["concurrency"],
            rate=Rate.parse(run["rate"]) if run["rate"] else None,
            max_wait=run["max_wait"],
            no_writes=run["no_writes"],
        )
        self._interrupted = bool(recording.run["interrupted"])
        self._held = {(item.epoch, item.request): item for item in recording.entries}
        self._incidents: dict[int, Incident] = {}

    def _answered(self, requests: Sequence[Request]) -> list[tuple[Request, ExchangeOrError]]:
        in_order = sorted(requests, key=in_record)
        held = [(request, self._held.get((self.epoch, request))) for request in in_order]
        for _, item in held:
            if item is not None:
                self._count(item)
                self._granted = dict(item.granted)
        self.incidents = [self._incidents[place] for place in sorted(self._incidents)]
        if self._interrupted and any(item is None or item.answer is None for _, item in held):
            raise KeyboardInterrupt  # here the recorded run was interrupted
        return [
            (request, NotHeld("the transcript does not hold this request"))
            if item is None or item.answer is None
            else (request, item.answer)
            for request, item in held
        ]

    def _count(self, item: Recorded) -> None:
        if item.attempts:
            self.sent[item.request.identity] += item.attempts
            self.attempts[item.request] += item.attempts
        self._incidents |= dict(item.incidents)
