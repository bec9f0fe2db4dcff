"""Measures the diagnosis: how often it names the true cause of a single fault, and how often a wrong one."""
