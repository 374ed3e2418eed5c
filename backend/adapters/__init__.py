"""Adapters: the ports on real stores and databases. Only the bootstrap imports this package."""
