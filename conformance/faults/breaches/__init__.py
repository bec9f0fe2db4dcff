"""Servers that break one requirement each."""
