"""Servers that differ from the reference and are right."""
