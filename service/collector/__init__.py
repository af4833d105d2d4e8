"""The collecting processes: supervisor, loop, sandbox, lock. What they collect is in weather and articles."""
