"""Servers that differ from the reference and keep the contract."""
