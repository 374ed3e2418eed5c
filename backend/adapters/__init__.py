"""Adapters: the ports on real stores and databases. Only bootstrap and databases import this package."""
