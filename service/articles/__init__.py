"""Articles of portals: sources, collecting, storage, JSON, widgets, pages and feeds."""
