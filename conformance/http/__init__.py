"""Requests and responses; only this package sends."""
