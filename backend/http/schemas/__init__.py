"""The wire: bodies as clients send them and answers as they read them. Names are the documented ones."""
