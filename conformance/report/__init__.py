"""A result in several forms: JSON, JUnit, CTRF, Markdown, HTML, a badge and the terminal.

Each is made from one dict, the result (`model.Result`), and from nothing else: a stored report can be read,
compared and shown without a run.
"""

from conformance.report.check import schema, validate
from conformance.report.lines import make_console
from conformance.report.model import Result
from conformance.report.progress import Progress
from conformance.report.store import FORMS, dumps, read, write
from conformance.report.terminal import render

__all__ = [
    "FORMS",
    "Progress",
    "Result",
    "dumps",
    "make_console",
    "read",
    "render",
    "schema",
    "validate",
    "write",
]
