"""The contract: its requirements, what marks a case, and how outcomes become a verdict."""
