"""The HTTP client, the only way out to the network."""
