"""Entity tags (RFC 9110 §8.8.3): strong, one for each coding of a body; a client may send any of them back.

The tags of a body are its digest with a suffix for the coding and its quality. So every worker recognises a
tag that another worker has sent, also for an encoding that it has not made itself.
"""

from hashlib import blake2b

from service.http_cache.content_encoding import Coding

_SUFFIXES = {
    (Coding.BROTLI, False): "-b",
    (Coding.BROTLI, True): "-b11",
    (Coding.GZIP, False): "-g",
    (Coding.GZIP, True): "-g9",
    (Coding.IDENTITY, False): "",
}


def digest(body: bytes) -> str:
    """Return what the tags of all codings of this body begin with."""
    return blake2b(body, digest_size=12).hexdigest()


def etag(digest: str, coding: Coding, *, best: bool = False) -> str:
    """Return the tag, in its quotes, of the body in this coding at the fast or the best quality."""
    return f'"{digest}{_SUFFIXES[coding, best and coding is not Coding.IDENTITY]}"'


def match(if_none_match: str, digest: str, current: str) -> str | None:
    """Return the tag for a 304 to a client that has this body in any coding; None when it has not.

    That is `current`, the tag of the response it would get. Where the client has the same coding at the other
    quality it is sent the tag that it has, since a cache updates what it stores by a tag that it knows
    (RFC 9111 §4.3.4). The comparison is weak, as RFC 9110 §13.1.2 asks.
    """
    if if_none_match.strip() == "*":
        return current
    sent = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    if current in sent:
        return current
    known = {f'"{digest}{suffix}"': coding for (coding, _), suffix in _SUFFIXES.items()}
    matched = {known[tag]: tag for tag in sent if tag in known}
    if not matched:
        return None
    return matched.get(known[current], current)
