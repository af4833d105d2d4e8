"""The hosts of a group: their heartbeats, what their readers ask for, and how their configurations differ."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from service.core.ports import Store
from service.share.connection import Connection
from service.share.messages import VERSION
from service.share.permit import Role
from service.weather import records

_REMEMBERED = 86_400  # seconds
_ALIVE = 20.0  # seconds without a heartbeat
_MAX_HOSTS = 1_000
_MAX_PLACES = 20_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Host:
    """A host as its heartbeat tells of it.

    Attributes:
        id: random; kept in its store.
        seen: seconds since 1970, by Valkey's clock.
        speaks: the version of messages that it reads and writes.
        where: a digest of its machine and store.
        listed: digests of what it is configured to collect, by kind and name such as `source tinh`.
    """

    id: str
    name: str
    version: str
    role: str
    seen: float
    speaks: int = VERSION
    where: str = ""
    listed: Mapping[str, str] = field(default_factory=dict)

    def is_alive(self, now: float) -> bool:
        """Return whether it showed itself lately."""
        return now - self.seen < _ALIVE


@dataclass(frozen=True, slots=True)
class Myself:
    """What this host tells of itself; `where` names machine and store, and nothing else has the same."""

    name: str
    where: str
    version: str
    listed: Mapping[str, str]


class Hosts:
    """Heartbeats in both directions."""

    def __init__(
        self, store: Store, connection: Connection, myself: Myself, clock: Callable[[], datetime]
    ) -> None:
        """Take the id of this host from its store, or a new one."""
        self._store, self._connection, self._myself, self._clock = store, connection, myself, clock
        self.id = ""
        self._demand_sent: dict[str, int] = {}

    def beat(self, role: Role) -> list[Host]:
        """Show that this host goes on, and return all that were seen within a day, this one too.

        Raises:
            ShareError, StoreError: when Valkey or the store cannot be used.
        """
        now = self._connection.now()
        self.id = self.id or self._own_id(now)
        heartbeat = {
            "v": VERSION,
            "where": self._myself.where,
            "name": self._myself.name,
            "version": self._myself.version,
            "role": role.name.lower(),
            "seen": now,
            "listed": dict(self._myself.listed),
        }
        index = self._connection.key("hosts")
        with self._connection.commands() as client:
            commands = client.pipeline(transaction=False)
            commands.set(self._key(self.id), json.dumps(heartbeat), ex=_REMEMBERED)
            commands.zadd(index, {self.id: now})
            commands.zremrangebyscore(index, "-inf", now - _REMEMBERED)
            commands.zrevrange(index, 0, _MAX_HOSTS)
            *_, ids = commands.execute()
            known = [one.decode(errors="replace") for one in ids]
            told = client.mget([self._key(one) for one in known])
        return [host for one, text in zip(known, told, strict=True) if (host := _host(one, text)) is not None]

    def _own_id(self, now: float) -> str:
        """Return the id in the store, unless another living host has it too: a copied disk has its store."""
        stored = self._store.read([HOST_KEY]).get(HOST_KEY, b"").decode(errors="replace")
        if stored:
            with self._connection.commands() as client:
                text = client.get(self._key(stored))
            other = _host(stored, text)
            if other is None or not other.is_alive(now) or other.where == self._myself.where:
                return stored
        own = token_hex(8)
        self._store.write({HOST_KEY: own.encode()})
        return own

    def _key(self, host: str) -> str:
        return self._connection.key(f"hosts:{host}")

    def send_demand(self) -> None:
        """Send when each place was last asked for by readers of this host."""
        keys = self._store.keys(records.DEMAND_PREFIX)
        read = {key: records.instant_from_bytes(value) for key, value in self._store.read(keys).items()}
        earliest = self._clock() - _DAY
        recent = {
            records.place_of_demand_key(key): int(at.timestamp())
            for key, at in read.items()
            if at is not None and at > earliest
        }
        changed = {place: at for place, at in recent.items() if self._demand_sent.get(place) != at}
        if changed:
            key = self._connection.key(f"used:{self.id}")
            with self._connection.commands() as client:
                client.hset(key, mapping=changed)
                client.expire(key, _REMEMBERED)
            self._demand_sent |= changed

    def take_demand(self, hosts: Sequence[Host], places: Callable[[str], object]) -> None:
        """Note here what readers of other hosts have asked for; `places` returns None for unknown ids."""
        earliest, latest = self._clock() - _DAY, self._clock()
        asked: dict[str, datetime] = {}
        for host in hosts:
            if host.id == self.id:
                continue
            with self._connection.commands() as client:
                found = client.hgetall(self._connection.key(f"used:{host.id}"))
            for name, text in list(found.items())[:_MAX_PLACES]:
                place = name.decode(errors="replace")
                at = datetime.fromtimestamp(int(text), UTC) if text.isdigit() and len(text) < 12 else earliest  # noqa: PLR2004
                if earliest < at and places(place) is not None:
                    asked[place] = max(min(at, latest), asked.get(place, earliest))
        ours = self._store.read([records.demand_key(place) for place in asked])
        self._store.write(
            {
                records.demand_key(place): records.instant_to_bytes(at)
                for place, at in asked.items()
                if (known := records.instant_from_bytes(ours.get(records.demand_key(place)))) is None
                or known < at
            }
        )


HOST_KEY = "share/host"  # in the store


def differences(hosts: Sequence[Host], own: str) -> list[str]:
    """Return in what the configurations of living hosts differ from that of this one, one line each."""
    ours = next((host for host in hosts if host.id == own), None)
    if ours is None:
        return []
    lines = []
    for host in hosts:
        if host.id == own or not host.is_alive(ours.seen):
            continue
        if host.speaks != ours.speaks:
            lines.append(
                f"{host.name}: {host.version} speaks version {host.speaks} of the messages, not {ours.speaks}"
            )
        there = [name for name in host.listed if name not in ours.listed]
        here = [name for name in ours.listed if name not in host.listed]
        other = [name for name, digest in host.listed.items() if ours.listed.get(name, digest) != digest]
        for what, names in (("only there", there), ("only here", here), ("another configuration", other)):
            if names:
                lines.append(f"{host.name}: {what}: {', '.join(sorted(names)[:20])}")
    return lines


def _host(host_id: str, text: bytes | None) -> Host | None:
    """Return the host of a heartbeat; None for a missing or unreadable one."""
    try:
        told: dict[str, Any] = dict(json.loads(text or b""))
        listed = told.get("listed")
        return Host(
            host_id,
            str(told["name"])[:100],
            str(told["version"])[:40],
            str(told["role"])[:20],
            float(told["seen"]),
            int(told["v"]),
            str(told.get("where", "")),
            {str(name): str(digest) for name, digest in listed.items()} if isinstance(listed, dict) else {},
        )
    except (ValueError, LookupError, TypeError, RecursionError, OverflowError):
        return None
