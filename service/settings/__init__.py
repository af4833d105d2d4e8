"""TOML and environment → frozen settings, or every fault at once."""
