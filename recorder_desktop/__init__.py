"""The desktop side: takes recordings from a person and moves them into the team's bucket."""

__version__ = "0.1.0"
