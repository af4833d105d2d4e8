"""Ports, errors, freshness, folding and secrets, for every other room. Standard library only."""
