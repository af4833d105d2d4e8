"""The feeds that `serve --feed` adds to the configured sources, each with an id made from its address."""

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

FEEDS = "PORTAL_WIDGETS_FEEDS"  # how `serve` tells its own processes: one address a line
_LONGEST_ID = 64


def sources_of(told: str, taken: Collection[str]) -> Iterator[dict[str, str]]:
    """One `[[articles.source]]` for each address; `taken` are the ids of those that the file has.

    The id is that of the host: the same address has the same one at every start, beside the same file.
    """
    ids = set(taken)
    for url in dict.fromkeys(told.split("\n") if told else ()):
        host = urlsplit(url).hostname or ""
        own = _free_id(host, url, ids)
        ids.add(own)
        yield {"id": own, "name": host, "url": url}


def joined(urls: Sequence[str]) -> str:
    """As the variable carries them."""
    return "\n".join(urls)


def _free_id(host: str, url: str, taken: Collection[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", host.removeprefix("www.")).strip("-")[:_LONGEST_ID]
    if plain and plain not in taken:
        return plain
    mark = blake2b(url.encode(), digest_size=4).hexdigest()
    return f"{plain[: _LONGEST_ID - 9]}-{mark}".strip("-")
