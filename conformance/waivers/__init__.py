"""Waivers: accepted breaches and gaps, each with an owner, a reason and a last day."""
