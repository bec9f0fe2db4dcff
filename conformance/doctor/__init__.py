"""Checks that a run can succeed, in a dozen requests, and forecasts it on a model of the target."""
