"""Text from markup: decoding, plain text, sanitised HTML, dates, bylines, URLs, images."""
