"""What answers a run: a live target, or the recording of an earlier run. The choice is made once, here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from conformance import __version__
from conformance.contract.cases import Depth
from conformance.contract.document import Contract
from conformance.diagnosis.diagnose import Diagnosis, diagnosed
from conformance.errors import TranscriptError, UsageError
from conformance.http.client import Client
from conformance.http.limits import Limits
from conformance.http.sender import Sender
from conformance.judging.engine import Judgement
from conformance.judging.session import Session
from conformance.privacy.disguise import Disguise, disguised
from conformance.privacy.masking import Mask
from conformance.privacy.personal_data import PersonalData, answers_of
from conformance.recording import har
from conformance.recording.replay import Replay, described, notes_of, requirements_of, target_of
from conformance.running.cost import announced
from conformance.running.labels import of_ci
from conformance.running.selection import Selection
from conformance.running.selection import recorded as sent_again
from conformance.running.settings import Settings
from conformance.target.target import Target
from conformance.text.wording import plural

Announce = Callable[[str], None]


def diagnosis_of(session: Session, judgement: Judgement) -> Diagnosis:
    """Return the probable causes of the findings of a run.

    None are looked for if the data moved or were read in part: the model would not know what is right.
    """
    if session.movement.seen or session.own.size is not None:
        return Diagnosis()
    return diagnosed(judgement.results, session.transcript.exchanges, session.target.location_ids)


class Source(Protocol):
    """Answers the requests of a run, and knows what of the run is written to disk.

    ``settings`` are those of the run: a recording brings its own.
    """

    settings: Settings

    def client(self) -> AbstractContextManager[Client]:
        """Return a client that gets its responses from here."""

    def prepare(self, session: Session) -> None:
        """Prepare a session before it is judged."""

    def finish(self, judgement: Judgement) -> None:
        """Complete a judgement after the last response."""

    def diagnosis(self, session: Session, judgement: Judgement) -> Diagnosis:
        """Return the probable causes of the findings."""

    def narrowed(self, selection: Selection) -> Selection:
        """Return what of a selection can be judged, and keep it for the transcript."""

    def labels(self) -> dict[str, str]:
        """Return the labels of the run."""

    def mask(self, client: Client) -> Mask | None:
        """Return what hides personal data in the report; None if it is shown."""

    def keep(
        self, session: Session, judgement: Judgement, result: dict[str, Any], *, path: Path
    ) -> None:
        """Write the transcript, or remove one that does not belong to this run; an OSError propagates."""


class Live:
    """A target on the network, or the embedded server."""

    def __init__(self, settings: Settings, announce: Announce | None = None) -> None:
        self.settings = settings
        self._announce = announce
        self._disguise: Disguise | None = None
        self._diagnosis = Diagnosis()
        self._selection = Selection()

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Connect to the target; nothing is sent yet."""
        settings = self.settings
        limits = Limits(
            max_requests=settings.max_requests,
            concurrency=settings.concurrency,
            rate=settings.rate,
            max_wait=settings.max_wait,
            no_writes=settings.no_writes,
        )
        with self._target() as target, Client(Sender(target, limits)) as client:
            yield client

    def prepare(self, session: Session) -> None:
        """Announce the cost after the first response, which tells what the key has left."""
        announce = self._announce
        if not announce or self.settings.quiet:
            return
        if (ids := self._selection.ids) is None:
            session.probed = lambda: announce(announced(session.client, self.settings.depth))
            return
        count = plural(len(session.contract.requirements), "requirement")
        most = session.client.limits.max_requests
        announce(f"This run judges {len(ids)} of {count}, with at most {most} requests per key.")

    def finish(self, judgement: Judgement) -> None:
        """Leave the judgement as it is."""

    def diagnosis(self, session: Session, judgement: Judgement) -> Diagnosis:
        """Look for causes in the exchanges as they were received, and keep them for the transcript."""
        self._diagnosis = diagnosis_of(session, judgement)
        return self._diagnosis

    def narrowed(self, selection: Selection) -> Selection:
        """Return the selection."""
        self._selection = selection
        return selection

    def labels(self) -> dict[str, str]:
        """Return the labels that the user gave, and those of the CI system."""
        return of_ci(os.environ) | dict(self.settings.labels)

    def mask(self, client: Client) -> Mask | None:
        """Return the mask, and keep the pseudonyms for the transcript."""
        if self.settings.show_data:
            return None
        self._disguise = disguised(client)
        return self._disguise.mask()

    def keep(
        self, session: Session, judgement: Judgement, result: dict[str, Any], *, path: Path
    ) -> None:
        """Write the transcript, unless ``--no-transcript`` is set."""
        if not self.settings.transcript:
            path.unlink(missing_ok=True)
            return
        disguise = self._disguise
        run = described(
            session.client,
            depth=session.depth.name.lower(),
            requirements=session.contract.requirement_set,
            seed=session.seed,
            interrupted=judgement.interrupted,
            terminated=judgement.terminated,
            masked=disguise is not None,
        )
        if disguise is not None:
            run["notes"] = session.notes.written(disguise.written, disguise.term)
        run["diagnosis"] = self._diagnosis.written(disguise.sentence if disguise else str)
        run["labels"] = result["labels"]
        if self._selection.ids is not None:
            run["selected"] = sorted(self._selection.ids)
            run["all_cases"] = self._selection.everything
            run["selected_by"] = self._selection.why
            run["refused"] = sorted(self._selection.refused)
            run["only"], run["skip"] = list(self._selection.only), list(self._selection.skip)
        about = {"suite": __version__, "contract": session.contract.sha256}
        times = {name: result[name] for name in ("started_at", "finished_at")}
        har.write(session.client, path, {**about, **times, **run}, disguise)

    @contextmanager
    def _target(self) -> Iterator[Target]:
        settings = self.settings
        if settings.base_url is not None:
            yield Target(
                settings.base_url,
                settings.api_key or "",
                settings.other_api_key,
                settings.foreign_ids,
                settings.location_ids,
                settings.known_ids,
                settings.other_location_ids,
                network=settings.network,
            )
            return
        from conformance.reference.server import EmbeddedServer

        with EmbeddedServer() as server:
            if self._announce:
                self._announce(
                    "No base URL is set: checking the embedded server, started for this run at "
                    f"{server.base_url}"
                )
            yield Target(
                server.base_url,
                server.own_key,
                server.other_key,
                embedded=True,
                network=settings.network,
            )


@dataclass
class Replayed:
    """The recording of an earlier run."""

    settings: Settings
    recording: har.Recording
    path: Path

    @classmethod
    def read(
        cls, path: Path, settings: Settings, contract: Contract, announce: Announce | None
    ) -> Replayed:
        """Read a transcript; its run's settings replace those given.

        :param path: the file, or the directory of a report that holds it.
        :raises UsageError: if the transcript cannot be replayed.
        """
        path = har.file_of(path)
        try:
            recording = har.read(path)
            run = recording.run
            target = target_of(run)
            notes_of(run)
            settings = replace(
                settings,
                base_url=None if target.embedded else target.base_url,
                foreign_ids=target.foreign_ids,
                location_ids=target.location_ids,
                known_ids=target.known_ids,
                other_location_ids=target.other_location_ids,
                depth=Depth[run["depth"].upper()],
                requirements=settings.requirements or requirements_of(run, contract),
                max_requests=run["max_requests"],
                seed=run["seed"],
            )
            where = f"recorded at {run['started_at']} from {target.base_url}"
            text = f"Replaying {path}, {where}: nothing is sent"
            if run["contract"] != contract.sha256:
                text += "; it was recorded under another contract"
            if run["suite"] != __version__:
                text += f"; it was recorded by version {run['suite']}"
            if settings.show_data and run.get("masked"):
                text += "; its data was not recorded, so --show-data shows pseudonyms"
        except (TranscriptError, KeyError) as problem:
            why = problem if isinstance(problem, TranscriptError) else f"its run lacks {problem}"
            raise UsageError(f"--replay: {path} is refused: {why}") from None
        if announce:
            announce(text)
        return cls(settings, recording, path)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Answer from the recording; nothing is sent."""
        with Client(Replay(self.recording, target_of(self.recording.run))) as client:
            yield client

    def prepare(self, session: Session) -> None:
        """Give the session what the recorded run noted of texts that pseudonyms hide."""
        session.notes = notes_of(self.recording.run)

    def finish(self, judgement: Judgement) -> None:
        """Stop where the recorded run was stopped."""
        run = self.recording.run
        if run["interrupted"]:
            judgement.interrupted = True
            judgement.terminated = run.get("terminated", False)

    def diagnosis(self, session: Session, judgement: Judgement) -> Diagnosis:
        """Return what the recorded run found: pseudonyms hide what a search rests on."""
        recorded = self.recording.run.get("diagnosis")  # not in older transcripts
        if recorded is not None:
            try:
                return Diagnosis.read(recorded)
            except (KeyError, TypeError, ValueError):
                pass
        return diagnosis_of(session, judgement)

    def narrowed(self, selection: Selection) -> Selection:
        """Return what the recorded run has judged of the selection."""
        recorded = self.recording.run.get("selected")  # only in transcripts of a selection
        if not isinstance(recorded, list):
            return selection
        run = self.recording.run
        ids, why = frozenset(map(str, recorded)), str(run.get("selected_by") or "the recorded run")
        only, skip = (tuple(map(str, run.get(name) or ())) for name in ("only", "skip"))
        refused = frozenset(map(str, run.get("refused") or ()))
        supported = "refused" in run  # not in older transcripts
        if selection.ids is not None:
            ids, why = ids & selection.ids, f"{selection.why} or {why}"
            refused |= selection.refused
        if selection.ids is not None or not supported:
            only, skip = tuple(sorted(ids)), ()
        return Selection(
            ids,
            why,
            sent_again(self.recording.entries),
            bool(run.get("all_cases")),
            refused,
            only,
            skip,
            supported,
        )

    def labels(self) -> dict[str, str]:
        """Return the labels of the recorded run, and those that the user gave."""
        recorded = self.recording.run.get("labels")  # not in older transcripts
        kept = recorded if isinstance(recorded, dict) else {}
        return {str(name): str(text) for name, text in kept.items()} | dict(self.settings.labels)

    def mask(self, client: Client) -> Mask | None:
        """Return the mask."""
        if self.settings.show_data:
            return None
        return Mask(PersonalData(answers_of(client)), client.target.base_url)

    def keep(self, *_: object, path: Path) -> None:
        """Remove the transcript of another run from the report directory, but never the replayed one."""
        if not (path.exists() and path.samefile(self.path)):
            path.unlink(missing_ok=True)
