"""What stands between somebody and a good run: found out in a dozen requests, without a run."""
