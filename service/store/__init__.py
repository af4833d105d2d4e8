"""The last good record of every item: where it is kept, and how its bytes read."""
