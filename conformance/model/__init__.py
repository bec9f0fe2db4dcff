"""A lawful model of a target."""
