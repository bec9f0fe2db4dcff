"""The progress of a run: one live line on the terminal."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from conformance.text.printable import can_show, fit, visible
from conformance.text.wording import plural

_BAR = 20
_PAUSE = 0.1  # seconds between two updates of the line


class Progress:
    """A context manager that shows a line of progress and removes it at the end of the run.

    Prints nothing if the console is not a terminal, or cannot move its cursor: a log needs the report only.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._drawn = float("-inf")
        self._label = ""

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(
                Text(), console=self._console, auto_refresh=False, transient=True,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def update(self, done: int, total: int, sent: int, left: int, label: str) -> None:
        """Show the cases done, the requests `sent` and `left`, and a `label` for the current step."""
        now = time.monotonic()
        unchanged = label == self._label and done < total
        if self._live is None or (now - self._drawn < _PAUSE and unchanged):
            return
        self._drawn, self._label = now, label
        try:
            self._live.update(self._line(done, total, sent, left, label), refresh=True)
        except OSError:  # the terminal was closed
            self.close()

    def close(self) -> None:
        """Remove the line. May be called twice."""
        if self._live is not None:
            with suppress(OSError):
                self._live.stop()
            self._live = None

    def _line(self, done: int, total: int, sent: int, left: int, label: str) -> Text:
        encoding = self._console.encoding
        full, empty = ("━", "─") if can_show("━─", encoding) else ("#", "-")
        filled = _BAR * min(done, total) // total if total else 0
        line = Text(no_wrap=True, overflow="ellipsis" if can_show("…", encoding) else "crop")
        line.append(full * filled, "green").append(empty * (_BAR - filled), "dim")
        line.append(f" {done}/{total}", "bold")
        line.append(f"  {plural(sent, 'request')}, {left:,} left  ")
        line.append(fit(visible(label), encoding), "dim")
        return line
