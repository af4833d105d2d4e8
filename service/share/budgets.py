"""The providers' budgets while hosts are alone: each takes its part, and all is counted when they meet again.

While Valkey is away a host counts what it spends against the day's budget divided by the hosts that were seen
within a day; what was spent before counts in the same part. When it is back, each host tells what it has
spent alone, and the holder adds that to the quotas that travel.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from service.core.ports import Store
from service.share.connection import Connection
from service.storage.records import decode, encode, fields_of, mapping, number, text
from service.weather import records
from service.weather.quota import ProviderQuota, Window

_ALONE_KEY = "share/alone"  # in the store: since when this host is alone, and what was spent by then
_HOSTS_KEY = "share/hosts"  # in the store: how many there are
_KEPT = 2 * 86_400  # seconds
_SPENT, _SETTLED = "spent", "settled"  # hashes: by host and day


class Budgets:
    """What hosts have spent alone."""

    def __init__(
        self, store: Store, connection: Connection, providers: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        """Go on where this host was before it was started."""
        self._store, self._connection, self._clock = store, connection, clock
        self._keys = {provider: records.quota_key(provider) for provider in providers}
        self.hosts = 1

    def begin_alone(self, hosts: int) -> None:
        """Count from now on against one part of so many; go on so, where this host was alone already."""
        before = self._alone()
        if before is not None:
            self.hosts = int(number(before.get("hosts")) or 1)
            return
        self.hosts = hosts
        now = self._clock().astimezone(UTC)
        quotas = self._quotas()
        alone = {
            "day": f"{now:%Y-%m-%d}",
            "hosts": hosts,
            "spent": {name: quota.spent_today(now) for name, quota in quotas.items()},
        }
        parts = {name: _part_of(quota, hosts) for name, quota in quotas.items()}
        self._write(parts, {_ALONE_KEY: encode(alone)})

    def end_alone(self, host: str) -> None:
        """Tell the others what this host has spent alone, and count again what all have spent before.

        Raises:
            ShareError: when Valkey cannot be used; it is told the next time.
        """
        before = self._alone()
        if before is None:
            return
        now = self._clock().astimezone(UTC)
        today = f"{now:%Y-%m-%d}"
        is_today = text(before.get("day")) == today
        earlier = {
            name: float(number(units) or 0.0) if is_today else 0.0
            for name, units in mapping(before.get("spent")).items()
        }
        parts = float(number(before.get("hosts")) or 1)
        quotas = self._quotas()
        spent = {
            name: units
            for name, quota in quotas.items()
            if (units := quota.spent_today(now) - earlier.get(name, 0.0) / parts) > 0
        }
        if spent:
            self._tell(f"{host}:{today}", spent)
        counted = {
            name: replace(quota, day=None).spend(earlier.get(name, 0.0), now)
            for name, quota in quotas.items()
        }
        self._write(counted, {})
        self._store.delete([_ALONE_KEY])

    def _tell(self, field: str, spent: Mapping[str, float]) -> None:
        key = self._connection.key(_SPENT)
        with self._connection.commands() as client:
            told = _units(client.hget(key, field))
            total = {name: told.get(name, 0.0) + spent.get(name, 0.0) for name in told | dict(spent)}
            client.hset(key, field, json.dumps(total))
            client.expire(key, _KEPT)

    def _alone(self) -> dict[str, Any] | None:
        return decode(self._store.read([_ALONE_KEY]).get(_ALONE_KEY), fields_of)

    def has_unsettled(self) -> bool:
        """Return whether some host has told of units that are not in the quotas yet."""
        return bool(self._unsettled()[1])

    def settle(self) -> None:
        """Add what all hosts have spent alone today to the quotas of this one, which collects now."""
        settled, units = self._unsettled()
        if not units:
            return
        now = self._clock().astimezone(UTC)
        quotas = self._quotas()
        self._write(
            {name: quotas[name].spend(more, now) for name, more in units.items() if name in quotas}, {}
        )
        key = self._connection.key(_SETTLED)
        with self._connection.commands() as client:
            client.hset(key, mapping={name: json.dumps(told) for name, told in settled.items()})
            client.expire(key, _KEPT)

    def _unsettled(self) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        """Return what each host has told of today, and the units by provider that are not settled yet."""
        today = f"{self._clock().astimezone(UTC):%Y-%m-%d}"
        with self._connection.commands() as client:
            spent = client.hgetall(self._connection.key(_SPENT))
            settled = client.hgetall(self._connection.key(_SETTLED)) if spent else {}
        told: dict[str, dict[str, float]] = {}
        more: dict[str, float] = {}
        for field, value in spent.items():
            name = field.decode(errors="replace")
            if not name.endswith(f":{today}"):
                continue
            told[name] = _units(value)
            before = _units(settled.get(field))
            for provider, units in told[name].items():
                left = units - before.get(provider, 0.0)
                if left > 0:
                    more[provider] = more.get(provider, 0.0) + left
        return told, more

    def remember_hosts(self, hosts: int) -> None:
        """Keep how many hosts there are, for a start while Valkey is away."""
        if hosts != self.known_hosts():
            self._store.write({_HOSTS_KEY: encode({"hosts": hosts})})

    def known_hosts(self) -> int:
        """Return how many hosts there were when this one last saw them."""
        kept = decode(self._store.read([_HOSTS_KEY]).get(_HOSTS_KEY), fields_of) or {}
        return max(1, int(number(kept.get("hosts")) or 1))

    def _quotas(self) -> dict[str, ProviderQuota]:
        stored = self._store.read(list(self._keys.values()))
        return {name: records.quota_from_bytes(stored.get(key)) for name, key in self._keys.items()}

    def _write(self, quotas: Mapping[str, ProviderQuota], more: Mapping[str, bytes]) -> None:
        written = {self._keys[name]: records.quota_to_bytes(quota) for name, quota in quotas.items()}
        self._store.write({**written, **more})


def _part_of(quota: ProviderQuota, hosts: int) -> ProviderQuota:
    """Return the quota with one part of what was spent."""

    def part(window: Window | None) -> Window | None:
        return replace(window, units=window.units / hosts) if window is not None else None

    return replace(quota, minute=part(quota.minute), hour=part(quota.hour), day=part(quota.day))


def _units(value: bytes | None) -> dict[str, float]:
    """Return units by provider; none for a missing or unreadable value."""
    try:
        read = json.loads(value or b"{}")
    except (ValueError, RecursionError):
        return {}
    found = read.items() if isinstance(read, dict) else ()
    return {str(name): float(units) for name, units in found if isinstance(units, int | float) and units > 0}
