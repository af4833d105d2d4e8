"""The SQLite store: the last good record of every item, its envelope, and the numbered migrations."""
