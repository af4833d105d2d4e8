"""The feeds that `serve --feed` adds to the configured sources, each with an id made from its address.

`serve` passes them on to its processes in an environment variable, one address a line.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

FEEDS = "PORTAL_WIDGETS_FEEDS"
_MAX_ID = 64  # characters
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")


def decode(value: str, taken: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield a `[[articles.source]]` table for each address; `taken` are the ids of the file's sources.

    The id is made from the host, so that an address has the same id at every start with the same file.
    """
    ids = set(taken)
    for url in dict.fromkeys(value.split("\n") if value else ()):
        host = _host(url)
        source_id = _free_id(host, url, ids)
        ids.add(source_id)
        yield {"id": source_id, "name": host, "url": url}


def encode(urls: Sequence[str]) -> str:
    """Return the value of the variable for these addresses."""
    return "\n".join(urls)


def _host(url: str) -> str:
    """Return the host; empty for a malformed address, which the validation of the sources then refuses."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _free_id(host: str, url: str, taken: Collection[str]) -> str:
    plain = _NOT_IN_ID.sub("-", host.removeprefix("www.")).strip("-")[:_MAX_ID]
    if plain and plain not in taken:
        return plain
    suffix = blake2b(url.encode(errors="surrogateescape"), digest_size=4).hexdigest()
    return f"{plain[: _MAX_ID - 9]}-{suffix}".strip("-")
