"""Masks and pseudonyms: no file that a run writes names a person."""
