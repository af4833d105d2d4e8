"""The places: which there are, in which order, and how a reader's spelling finds them."""
