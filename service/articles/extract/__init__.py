"""Extract title, date, author and body from an article's own page."""
