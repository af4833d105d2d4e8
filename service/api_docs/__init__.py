"""What programmers are told: the index of the API, its OpenAPI document, and the page to read and try it."""
