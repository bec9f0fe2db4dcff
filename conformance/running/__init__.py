"""One run: its settings, its steps, its result."""
