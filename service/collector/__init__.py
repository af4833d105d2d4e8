"""The collecting half: when is what due, fetch it, normalise it, keep it. One process a deployment."""
