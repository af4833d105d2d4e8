"""Entity tags (RFC 9110 §8.8.3): strong, one for the bytes of each coding; any of them can be matched."""

from hashlib import blake2b

from service.edge.coding import Coding

_SUFFIX = {Coding.BROTLI: "-b", Coding.GZIP: "-g", Coding.IDENTITY: ""}


def digest(body: bytes) -> str:
    """What the tags of all codings of a body begin with."""
    return blake2b(body, digest_size=12).hexdigest()


def tag(digest: str, coding: Coding) -> str:
    """The tag of the body in this coding, in its quotes."""
    return f'"{digest}{_SUFFIX[coding]}"'


def matches(if_none_match: str, digest: str) -> bool:
    """Whether the client has this body already, in whatever coding; weak comparison, as the RFC asks."""
    if if_none_match.strip() == "*":
        return True
    known = {tag(digest, coding) for coding in Coding}
    return any(part.strip().removeprefix("W/") in known for part in if_none_match.split(","))
