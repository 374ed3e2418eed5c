"""A picture of the dashboard for Grafana, drawn without Grafana's server: `python -m tests.dashboard` makes it."""
