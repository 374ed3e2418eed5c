"""The wire: the backend's routes, the store's PUTs, and what their errors mean."""
