"""Servers that are wrong on purpose, servers that are right in another way, and the proof on both."""
