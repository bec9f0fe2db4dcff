"""Tests of the catalogue and of the proof."""
