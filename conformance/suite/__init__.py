"""The cases, one file for each area of the contract."""
