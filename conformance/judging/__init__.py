"""Runs the cases against a target and confirms their findings."""
