"""Hours of kills in minutes: `make soak`."""
