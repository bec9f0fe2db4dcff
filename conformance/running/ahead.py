"""Loads in a thread what takes long to load; meanwhile the target responds."""

from __future__ import annotations

import threading
from contextlib import suppress

from conformance.contract.document import load
from conformance.suite.generated import plan


def load_ahead() -> None:
    """Make the plan of schemathesis, then the template of the report."""
    threading.Thread(target=_load, name="conformance-ahead", daemon=True).start()


def _load() -> None:
    with suppress(Exception):  # the case that needs the plan reports it
        plan(load())
    with suppress(Exception):  # the report that cannot be written reports it
        from conformance.report import html

        html.load_template()
