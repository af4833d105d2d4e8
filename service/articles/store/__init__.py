"""Articles in SQLite: rows, search, paging, images, tombstones."""
