"""Servers that cannot be judged."""
