"""A contract and a conformance suite for the clinician profiles API."""

__version__ = "0.2.0"
