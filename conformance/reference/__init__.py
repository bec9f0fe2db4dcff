"""The reference server: a correct clinician profiles API on Starlette and SQLite, with its data."""
