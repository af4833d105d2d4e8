"""The feeds that `serve --feed` adds to the configured sources, each with an id made from its address."""

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

FEEDS = "PORTAL_WIDGETS_FEEDS"  # how `serve` tells its own processes: one address a line
_LONGEST_ID = 64
_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


def sources_of(told: str, taken: Collection[str]) -> Iterator[dict[str, str]]:
    """One `[[articles.source]]` for each address; `taken` are the ids of those that the file has.

    The id is that of the host: the same address has the same one at every start, beside the same file.
    """
    ids = set(taken)
    for url in dict.fromkeys(told.split("\n") if told else ()):
        host = _host(url)
        own = _free_id(host, url, ids)
        ids.add(own)
        yield {"id": own, "name": host, "url": url}


def joined(urls: Sequence[str]) -> str:
    """As the variable carries them."""
    return "\n".join(urls)


def _host(url: str) -> str:
    """Empty for what is no address: the check of the sources then says so."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _free_id(host: str, url: str, taken: Collection[str]) -> str:
    plain = _NOT_IN_AN_ID.sub("-", host.removeprefix("www.")).strip("-")[:_LONGEST_ID]
    if plain and plain not in taken:
        return plain
    mark = blake2b(url.encode(errors="surrogateescape"), digest_size=4).hexdigest()
    return f"{plain[: _LONGEST_ID - 9]}-{mark}".strip("-")
