"""Text helpers that several packages need."""
