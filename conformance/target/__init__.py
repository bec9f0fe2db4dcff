"""The target of a run: base URL, credentials, and the network settings that reach it."""
