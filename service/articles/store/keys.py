"""Keys of the articles' records in the store.

The articles themselves have tables of their own; `article` and `articles` only mark them as written, so that
responses made from them are invalidated.
"""


def article(article_id: str) -> str:
    """Return the key that marks one article as written."""
    return f"article/{article_id}"


def articles(source_id: str) -> str:
    """Return the key that marks the articles of a source as written."""
    return f"articles/{source_id}"


def source(source_id: str) -> str:
    """Return the key of a source's state: its last fetch, failures and validators."""
    return f"source/{source_id}"
