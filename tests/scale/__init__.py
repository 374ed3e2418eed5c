"""A whole installation as a team runs it, several processes of each kind, and what happens when some die."""
