"""Former names."""

from conformance.model.manners import ErrorAnswer as Refusal
from conformance.model.rows import ModelDirectory as Organisation

__all__ = ["Organisation", "Refusal"]
