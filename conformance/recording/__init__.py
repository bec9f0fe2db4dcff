"""The transcript as a file, and a run judged from it."""
