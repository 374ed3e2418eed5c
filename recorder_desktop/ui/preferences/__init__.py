"""The settings page: what a person can choose, section by section, and what carries it out."""
