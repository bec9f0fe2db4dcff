"""Helpers for text that several packages need."""
