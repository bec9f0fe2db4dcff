"""From findings to defects."""
