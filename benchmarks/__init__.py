"""Measures what the suite finds and what it costs, next to other tools on the same servers."""
