"""Ways to shorten a run: load slow modules early, in a thread, and collect garbage less often."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress

from conformance.contract.document import load
from conformance.suite.generated import plan

_THRESHOLD = 50_000
"""New objects after which a process looks for garbage."""


def collect_garbage_less() -> None:
    """Look for garbage less often: a run makes many objects that last until its end."""
    gc.set_threshold(_THRESHOLD)


def load_ahead() -> None:
    """Make the plan of schemathesis, then the template of the report, in a thread.

    Meanwhile the target responds.
    """
    threading.Thread(target=_load, name="conformance-ahead", daemon=True).start()


def _load() -> None:
    with suppress(Exception):  # the case that needs the plan reports it
        plan(load())
    with suppress(Exception):  # the report that cannot be written reports it
        from conformance.report import html

        html.load_template()
