"""Requests and responses: the one place that sends."""
