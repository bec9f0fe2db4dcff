"""Runs the suite on every fault, lawful variant and unjudgeable server; writes the matrix."""
