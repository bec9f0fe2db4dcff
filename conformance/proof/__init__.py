"""Runs the suite on every fault and lawful variant, and publishes the matrix."""
