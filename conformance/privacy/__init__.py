"""Masks and pseudonyms: no file that a run writes contains personal data."""
