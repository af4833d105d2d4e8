"""Clean text from markup: plain text, sanitised bodies, dates, bylines, charsets, addresses."""
