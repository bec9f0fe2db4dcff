"""SIGINT and SIGTERM: a run that is stopped still writes its report."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from conformance.contract.verdict import ExitStatus
from conformance.errors import Terminated

STATUSES = {signal.SIGINT: ExitStatus.INTERRUPTED, signal.SIGTERM: ExitStatus.TERMINATED}


class Signals:
    """Turns the first SIGINT or SIGTERM into a ``KeyboardInterrupt``, and remembers which one it was.

    The handlers are set even if the parent process left SIGINT ignored, as a shell does for a command in
    the background: a service manager or a user that sends it means it.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in STATUSES:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def exit_status(self) -> int:
        """The exit status of a command that was stopped."""
        return int(STATUSES[self.received or signal.SIGINT])

    @property
    def word(self) -> str:
        """What happened to a command that was stopped."""
        return "terminated" if self.received is signal.SIGTERM else "interrupted"

    def _handle(self, number: int, _: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number)
        if number == signal.SIGTERM:
            raise Terminated
        raise KeyboardInterrupt
