"""Messages: the form in which a record lies in Valkey.

20 digits of the record's time in microseconds, a blank, 16 letters of a checksum over kind, key and body, a
blank, a line of JSON (`v`, `kind`, `key`, `epoch`, `holder`, `fetched_at`, `about`, `z` where the body is
compressed), and the body.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

VERSION = 1  # a reader leaves out messages of a higher one
_COMPRESSED_FROM = 512  # bytes
_BEGINNING = 38
_MAX_HEAD = 2_000  # bytes
LIMITS: Mapping[str, int] = {  # bytes of a body, by kind
    "weather": 500_000,
    "articles": 2_000_000,
    "pictures": 2_000_000,
    "sources": 8_000_000,
    "quotas": 1_000_000,
}


class MessageError(ValueError):
    """This is no message that can be used; the text says why."""


class NewerMessageError(MessageError):
    """The message has a form that only a later version reads."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record that travels.

    Attributes:
        kind: one of `LIMITS`.
        key: in the store, or an article's id, or a picture's hash.
        at: its time in microseconds since 1970; 0 where the latest writer is right.
        about: what the body is about and does not say itself, such as a place's coordinates.
    """

    kind: str
    key: str
    at: int
    body: bytes = field(repr=False)
    about: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def beginning(self) -> str:
        """The first 37 letters of its message, which change with its time and its content."""
        digest = blake2b(digest_size=8)
        for part in (self.kind.encode(), self.key.encode(), self.body):
            digest.update(len(part).to_bytes(8) + part)
        return f"{max(self.at, 0):020d} {digest.hexdigest()}"


def to_bytes(item: Item, token: str) -> bytes:
    """Return the message of an item, published under this token."""
    epoch, _, holder = token.partition(":")
    head: dict[str, Any] = {
        "v": VERSION,
        "kind": item.kind,
        "key": item.key,
        "epoch": int(epoch),
        "holder": holder,
        "fetched_at": item.at,
    }
    if item.about:
        head["about"] = dict(item.about)
    body = item.body
    if len(body) >= _COMPRESSED_FROM and item.kind != "pictures":
        body, head["z"] = zlib.compress(body, 1), 1
    return b"%s %s\n%s" % (item.beginning.encode(), json.dumps(head, separators=(",", ":")).encode(), body)


def from_bytes(message: bytes, kind: str, key: str) -> Item:
    """Return the item of the message that lies under this kind and key.

    Raises:
        NewerMessageError: when a later version wrote it in another form.
        MessageError: when it is damaged, too large, or something else.
    """
    head, separator, body = message.partition(b"\n")
    if not separator or not _BEGINNING < len(head) <= _MAX_HEAD:
        raise MessageError("it has no head")
    try:
        fields = json.loads(head[_BEGINNING:])
        version = fields["v"]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise MessageError("its head cannot be read") from error
    if not isinstance(version, int) or version > VERSION:
        raise NewerMessageError("a later version wrote it")
    if (fields.get("kind"), fields.get("key")) != (kind, key) or not isinstance(
        fields.get("fetched_at"), int
    ):
        raise MessageError("its head is of something else")
    item = Item(kind, key, fields["fetched_at"], _unpacked(body, kind, fields), _about(fields.get("about")))
    if item.beginning.encode() != head[: _BEGINNING - 1]:
        raise MessageError("its checksum is wrong")
    return item


def _unpacked(body: bytes, kind: str, fields: Mapping[str, Any]) -> bytes:
    limit = LIMITS.get(kind, 0)
    if fields.get("z"):
        unpacking = zlib.decompressobj()
        try:
            body = unpacking.decompress(body, limit + 1)
        except zlib.error as error:
            raise MessageError("its body is damaged") from error
    if len(body) > limit:
        raise MessageError(f"it has more than {limit:,} bytes")
    return body


def _about(about: object) -> dict[str, float | str]:
    pairs = about.items() if isinstance(about, dict) else ()
    return {str(name): value for name, value in pairs if isinstance(value, int | float | str)}
