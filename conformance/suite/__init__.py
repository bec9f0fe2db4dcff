"""The cases (``test_*.py``, by area of the contract), and support modules by subject that they share."""
