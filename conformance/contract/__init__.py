"""The contract: its requirements, the marker of a case, and the roll-up of outcomes to a verdict."""
