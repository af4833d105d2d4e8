"""Finished responses in memory: cache key, entries, content encoding, ETags, invalidation."""
