"""Groups the findings of a run by their cause."""
