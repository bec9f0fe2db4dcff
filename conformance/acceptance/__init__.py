"""Packs for acceptance: the evidence of one run in one file that others can verify without the target."""
