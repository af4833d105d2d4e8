"""The places that have weather: the catalogue, its order, and the search by a reader's spelling."""
