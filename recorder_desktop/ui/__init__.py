"""The window: Qt widgets over the engine's port. Never waits, never touches disk, network or the queue's database."""
