"""Serves variants in a process of their own, while another process judges them.

In one process, client and server would take turns in the interpreter, which costs a tenth of the time.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from conformance.errors import ServerError
from conformance.faults.variant import Variant
from conformance.target.target import Target

Serve = Callable[[Variant], AbstractContextManager[Target]]

STOPS = 5.0
"""Seconds that a server may take to stop; then its process is killed."""

_CONTEXT = multiprocessing.get_context("fork")


class ServerProcess:
    """A process that serves one variant after the other.

    It is forked on first use, so that it has the imports and the data of the process that uses it, and ends
    with that process.

    :param variants: all that may be served.
    :param serve: serves a variant within a process.
    """

    def __init__(self, variants: Sequence[Variant], serve: Serve) -> None:
        self._variants = {variant.name: variant for variant in variants}
        self._serve = serve
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    @contextmanager
    def serving(self, variant: Variant) -> Iterator[Target]:
        """Serve a variant with fresh data, and yield its target.

        :raises ServerError: if it cannot be served.
        """
        pipe = self._started()
        try:
            pipe.send(variant.name)
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            self.close()
            raise ServerError(f"the process that serves {variant.name} ended") from error
        if not isinstance(answer, Target):
            raise ServerError(answer)
        try:
            yield answer
        finally:
            self._stop(pipe)

    def close(self) -> None:
        """Kill the process. The next variant starts another one."""
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = self._pipe = None

    def _started(self) -> Connection:
        if self._pipe is None:
            self._pipe, child_end = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(
                target=self._work, args=(child_end, self._pipe), name="server", daemon=True
            )
            self._process.start()
            child_end.close()
        return self._pipe

    def _stop(self, pipe: Connection) -> None:
        try:
            pipe.send(None)
            stopped = pipe.poll(STOPS) and pipe.recv() is None
        except (EOFError, OSError):
            stopped = False
        if not stopped:
            self.close()

    def _work(self, pipe: Connection, parent_end: Connection) -> None:
        """Serve what the other process names, one after the other."""
        parent_end.close()
        threading.Thread(target=_end_with_parent, daemon=True).start()
        # Both notice that the other process has ended, this thread and that one.
        with suppress(EOFError, OSError):
            while True:
                variant = self._variants[pipe.recv()]
                try:
                    with self._serve(variant) as target:
                        pipe.send(target)
                        pipe.recv()
                    pipe.send(None)
                except Exception as error:  # of a variant: the next one is served all the same
                    pipe.send(f"{variant.name} cannot be served: {error}")


def _end_with_parent() -> None:
    """Wait until the other process ends, then end this one, even if its server blocks."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(0)
