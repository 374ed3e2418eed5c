"""One proxy that does to a connection what networks, stores and servers do on bad days."""
