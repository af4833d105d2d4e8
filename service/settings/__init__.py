"""The configuration: TOML and environment into frozen settings, or all faults at once."""
