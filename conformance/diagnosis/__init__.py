"""From findings to defects: what is wrong, how bad it is, why probably, and how to see it again."""
