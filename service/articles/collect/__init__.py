"""Fetch the configured sources, decide what is new, and keep it."""
