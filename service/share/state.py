"""How this host stands with the others, as a record for the status page and the metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.core.ports import Store
from service.storage.records import decode, encode, fields_of, instant, iso, items, mapping, number, text

STATE_KEY = "share/state"
_OLD = timedelta(seconds=60)  # it is written every ten seconds


@dataclass(frozen=True, slots=True)
class HostSeen:
    """A host of the group; `seen` is None for one whose time is not known."""

    id: str
    name: str
    version: str
    role: str
    seen: datetime | None
    is_this: bool = False


@dataclass(frozen=True, slots=True)
class ShareState:
    """The state at one time.

    Attributes:
        role: `follower`, `holder` or `alone`.
        trouble: what is wrong with Valkey; empty where nothing is.
        lag: seconds between another host's write and ours.
        hosts: seen within a day.
        differences: of configurations, one line each.
        at: when this was written.
    """

    role: str
    trouble: str
    lag: float
    hosts: tuple[HostSeen, ...]
    differences: tuple[str, ...]
    at: datetime | None

    def is_up(self, now: datetime) -> bool:
        """Return whether Valkey can be used, as far as this host has noticed lately."""
        return self.role != "alone" and not self.trouble and self.at is not None and now - self.at < _OLD


def read_state(store: Store) -> ShareState | None:
    """Return the last state, or None where this host shares with no other.

    Raises:
        StoreError: when the store cannot be read.
    """
    return decode(store.read([STATE_KEY]).get(STATE_KEY), _state)


def state_to_bytes(state: ShareState) -> bytes:
    return encode(
        {
            "role": state.role,
            "trouble": state.trouble,
            "lag": state.lag,
            "hosts": [
                {"id": host.id, "name": host.name, "version": host.version, "role": host.role,
                 "seen": iso(host.seen), "is_this": host.is_this}
                for host in state.hosts
            ],
            "differences": list(state.differences),
            "at": iso(state.at),
        }
    )  # fmt: skip


def _state(record: bytes) -> ShareState:
    fields = fields_of(record)
    hosts = [mapping(one) for one in items(fields.get("hosts"))]
    return ShareState(
        text(fields.get("role")) or "",
        text(fields.get("trouble")) or "",
        float(number(fields.get("lag")) or 0.0),
        tuple(
            HostSeen(
                id=text(host.get("id")) or "",
                name=text(host.get("name")) or "",
                version=text(host.get("version")) or "",
                role=text(host.get("role")) or "",
                seen=instant(host.get("seen")),
                is_this=host.get("is_this") is True,
            )
            for host in hosts
        ),
        tuple(filter(None, map(text, items(fields.get("differences"))))),
        instant(fields.get("at")),
    )
