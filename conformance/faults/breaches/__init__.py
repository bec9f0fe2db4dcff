"""Deliberately faulty servers: each one breaks one requirement."""
