"""What this computer offers and asks for: folders, keyring, child processes, media probing."""
