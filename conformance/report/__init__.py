"""One result, four readings: `report.json`, `junit.xml`, `report.html` and the terminal.

Everything here is made from one plain dict, whose shape is `model.Result`. Nothing here knows how
a run is made, so that a report can be read again, compared and shown without one.
"""

from conformance.report.check import schema, validate
from conformance.report.model import Result
from conformance.report.store import read, write
from conformance.report.terminal import Progress, make_console, render

__all__ = [
    "Progress",
    "Result",
    "make_console",
    "read",
    "render",
    "schema",
    "validate",
    "write",
]
