"""The composition root of what hosts share: from settings to the process that speaks with Valkey."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from service.articles.narrowing import Narrowing
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import load_catalogue, utc_now
from service.settings.model import Settings, ShareSettings
from service.share.budgets import Budgets
from service.share.connection import Connection
from service.share.follower import Follower
from service.share.hosts import Hosts, Myself
from service.share.kinds import Articles, Kind, Pictures, Quotas, Sources, Weather
from service.share.lease import Lease
from service.share.part import EPOCH_KEY, SharePart
from service.share.permit import PermitFile, boot_time
from service.share.publisher import Publisher
from service.share.takedowns import Takedowns
from service.storage.store import SqliteStore

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SharingPart:
    """What hosts share, as a part of the collecting half that has a process of its own."""

    shortest_wait = timedelta(seconds=0.05)

    def __init__(self, settings: Settings, store: SqliteStore) -> None:
        """Do nothing yet: the first step makes everything, so that a store that fails then is tried again."""
        self._settings, self._store = settings, store
        self._part: SharePart | None = None

    def step(self) -> None:
        self._part = self._part or make_share_part(self._settings, self._store)
        self._part.step()

    def wake_at(self) -> datetime:
        return self._part.wake_at() if self._part else utc_now()

    def close(self) -> None:
        """Leave the lease to another host."""
        if self._part is not None:
            self._part.close()


def make_share_part(
    settings: Settings,
    store: SqliteStore,
    clock: Callable[[], datetime] = utc_now,
    boot_clock: Callable[[], float] = boot_time,
    patience: float = 0.5,
) -> SharePart:
    """Return the part; the store is read for what this host remembers of the others.

    Raises:
        StoreError: when the store cannot be read.
    """
    share = settings.store.share or ShareSettings("localhost")
    connection = Connection(share, settings.upstream.ca_file)
    catalogue = load_catalogue(settings)
    sources = settings.articles.source
    repository = SqliteArticleRepository(store, settings.limits.pictures)
    kept = dict.fromkeys((source.id for source in sources), settings.articles.keep)
    kinds: list[Kind] = [
        Quotas(store, settings.weather.providers),
        Sources(store, frozenset(kept)),
        Weather(store, catalogue),
        Pictures(repository),
        Articles(repository, kept, settings.secrets, Narrowing(sources)),
    ]
    epoch = store.read([EPOCH_KEY]).get(EPOCH_KEY, b"0")
    lease = Lease(connection, int(epoch) if epoch.isdigit() else 0, boot_clock)
    hosts = Hosts(store, connection, _myself(settings), clock)
    part: list[SharePart] = []  # the others call it between two commands

    def between() -> None:
        part[0].keep_alive()

    stream_id = _stream_id(store)
    takedowns = Takedowns(repository, connection, stream_id)
    part.append(
        SharePart(
            store=store,
            connection=connection,
            lease=lease,
            publisher=Publisher(store, kinds, connection, lease, stream_id, between),
            follower=Follower(kinds, connection, takedowns, clock, stream_id, between),
            takedowns=takedowns,
            hosts=hosts,
            budgets=Budgets(store, connection, settings.weather.providers, clock),
            permits=PermitFile(store.path, boot_clock),
            catalogue=catalogue,
            clock=clock,
            boot_clock=boot_clock,
            patience=patience,
        )
    )
    return part[0]


def _stream_id(store: SqliteStore) -> str:
    """Return by what this store recognises its own entries in the stream."""
    return blake2b(f"{_where()} {store.path.absolute()}".encode(), digest_size=8).hexdigest()


def _where() -> str:
    """Return what no other running machine has: its name, and the kernel's number of this start."""
    boot = ""
    with suppress(OSError):
        boot = _BOOT_ID.read_text().strip()
    return f"{socket.gethostname()} {boot}"


def _myself(settings: Settings) -> Myself:
    """Return what this host tells of itself, with digests of what it is configured to collect."""
    listed = {f"source {source.id}": _digest_of(source) for source in settings.articles.source}
    places = sorted((place.id, place.latitude, place.longitude) for place in load_catalogue(settings))
    listed["places"] = blake2b(repr(places).encode(), digest_size=8).hexdigest()
    listed["providers"] = " ".join(settings.weather.providers)
    where = blake2b(f"{_where()} {settings.store.path.absolute()}".encode(), digest_size=8).hexdigest()
    return Myself(socket.gethostname(), where, version("portal-widgets"), listed)


def _digest_of(source: object) -> str:
    values = [(field.name, getattr(source, field.name)) for field in fields(source)]  # type: ignore[arg-type] # a dataclass
    return blake2b(repr(values).encode(), digest_size=8).hexdigest()
