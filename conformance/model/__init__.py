"""A lawful model of a target: answers requests from rows in memory, with one method for each decision."""
