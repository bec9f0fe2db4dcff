"""Runs the cases against a session and confirms what they find."""
