"""The queue on disk: one SQLite file, one writing thread."""
