"""``python -m conformance``."""

from conformance.cli.main import script

script()
