"""Entity tags (RFC 9110 §8.8.3): strong, one for the bytes of each coding; any of them can be matched.

All tags of a body begin with its digest and end in how it was packed, so that every worker knows a tag that
another one has given, also for bytes it has not made itself.
"""

from hashlib import blake2b

from service.http_cache.content_encoding import Coding

_PACKED = {
    (Coding.BROTLI, False): "-b",
    (Coding.BROTLI, True): "-b11",
    (Coding.GZIP, False): "-g",
    (Coding.GZIP, True): "-g9",
    (Coding.IDENTITY, False): "",
}


def digest(body: bytes) -> str:
    """What the tags of all codings of a body begin with."""
    return blake2b(body, digest_size=12).hexdigest()


def tag(digest: str, coding: Coding, *, best: bool = False) -> str:
    """The tag of the body in this coding, packed quickly or as small as can be, in its quotes."""
    return f'"{digest}{_PACKED[coding, best and coding is not Coding.IDENTITY]}"'


def matched(if_none_match: str, digest: str, own: str) -> str | None:
    """The tag to tell a client that has this body already, in whatever coding; None when it has not.

    That is the tag of the answer it would get (`own`). If it has the same coding packed otherwise, it is
    told the tag it has: a cache renews what it keeps by a tag that it knows (RFC 9111 §4.3.4). The
    comparison is weak, as RFC 9110 asks.
    """
    if if_none_match.strip() == "*":
        return own
    given = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    if own in given:
        return own
    known = {f'"{digest}{suffix}"': coding for (coding, _), suffix in _PACKED.items()} if given else {}
    found = {known[one]: one for one in given if one in known}
    if not found:
        return None
    return found.get(known[own], own)
