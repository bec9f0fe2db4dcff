"""Servers that differ from the reference: deliberate faults, lawful variants, unjudgeable servers."""
