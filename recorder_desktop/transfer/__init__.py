"""Moves the bytes. The only room that starts worker threads."""
