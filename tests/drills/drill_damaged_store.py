"""The store is harmed in every way under load: `python -m pytest -s tests/drills/drill_damaged_store.py`.

It prints a table: how long readers waited at most for pages that are kept and for those that are rendered
anew each time, how long `/readyz` did, after how many seconds a sound file was there, and that nothing that
was taken down was shown.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from running_service import a_free_port, until

PATHS = {"kept": "/widgets/weather/dong-ha", "known": "/status", "ready": "/readyz"}
WITHIN = 30.0  # seconds until a sound file is looked for no longer
LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def cut_to_nothing(store: Path) -> None:
    os.truncate(store, 0)


def cut_in_half(store: Path) -> None:
    os.truncate(store, store.stat().st_size // 2)


def log_cut(store: Path) -> None:
    os.truncate(f"{store}-wal", 0)


def log_cut_in_half(store: Path) -> None:
    os.truncate(f"{store}-wal", Path(f"{store}-wal").stat().st_size // 2)


def garbage(store: Path) -> None:
    with store.open("r+b") as file:
        file.write(os.urandom(store.stat().st_size))


def garbage_in_the_log(store: Path) -> None:
    with Path(f"{store}-wal").open("r+b") as file:
        file.write(os.urandom(Path(f"{store}-wal").stat().st_size))


def deleted(store: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)


def file_alone_deleted(store: Path) -> None:
    store.unlink()


def every_page_flipped(store: Path) -> None:
    with store.open("r+b") as file:
        for at in range(50, store.stat().st_size, 4096):
            file.seek(at)
            (byte,) = file.read(1)
            file.seek(at)
            file.write(bytes([byte ^ 0x55]))


def folder_gone(store: Path) -> None:
    shutil.rmtree(store.parent)


def another_database(store: Path) -> None:
    other = store.with_name("other")
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("CREATE TABLE songs (title TEXT)")
    other.rename(store)


def no_database(store: Path) -> None:
    other = store.with_name("other")
    other.write_bytes(b"no database " * 5_000)
    other.rename(store)


def memory_cut(store: Path) -> None:
    os.truncate(f"{store}-shm", 0)


def newer(store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as raw:
        raw.execute("PRAGMA user_version = 99")


WAYS: dict[str, Callable[[Path], None]] = {
    way.__name__: way
    for way in (
        cut_to_nothing, cut_in_half, log_cut, log_cut_in_half, garbage, garbage_in_the_log, deleted,
        file_alone_deleted, every_page_flipped, folder_gone, another_database, no_database, memory_cut,
    )
}  # fmt: skip


def tell(row: str) -> None:
    sys.stdout.write(f"\n{row}\n")


class Reader(threading.Thread):
    """Asks for a page again and again, and keeps the longest wait, the faults, and what was shown."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(daemon=True)
        self.port, self.path = port, path
        self.waits: list[float] = []
        self.faults: list[str] = []
        self.bodies: set[bytes] = set()
        self.ends = False

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.ends:
            begun = time.perf_counter()
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    self.faults.append(str(answer.status))
                self.bodies.add(body)
            except (OSError, HTTPException) as error:
                self.faults.append(type(error).__name__)
                connection.close()
            self.waits.append(time.perf_counter() - begun)
            time.sleep(0.01)
        connection.close()


class Demo:
    def __init__(self, home: Path) -> None:
        self.port, self.home = a_free_port(), home
        self.environ = os.environ | {"XDG_DATA_HOME": str(home)}
        self.log = home / "log"
        command = [sys.executable, "-m", "service", "serve", "--demo", "--bind", f"127.0.0.1:{self.port}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        self.store = home / "portal-widgets" / f"demo-{self.port}.sqlite3"

    def get(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def is_filled(self) -> bool:
        try:
            return len(self.ids()) > 1 and self.get("/api/v1/weather/dong-ha")[0] == 200
        except OSError:
            return False

    def ids(self) -> list[str]:
        return [article["id"] for article in json.loads(self.get("/api/v1/articles?limit=50")[1])["articles"]]

    def has_sound_file(self) -> bool:
        if not self.store.exists() or not self.store.stat().st_size:
            return False  # to SQLite it would be a new one, whose log it deletes
        try:
            with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True)) as raw:
                rows = raw.execute("SELECT count(*) FROM articles").fetchone()[0]
                return bool(rows) and raw.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.Error:
            return False

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@contextmanager
def demo(home: Path) -> Iterator[Demo]:
    home.mkdir(parents=True, exist_ok=True)
    service = Demo(home)
    try:
        until(lambda: all(service.is_filled() for _ in range(10)), 60, service.log.read_text)
        yield service
    finally:
        service.end()


def measured(service: Demo, down: str, harm: Callable[[], None]) -> str:
    """Harm the store under load; return a row of the table."""
    readers = {name: Reader(service.port, path) for name, path in PATHS.items()}
    readers["list"] = Reader(service.port, "/api/v1/articles?limit=50")
    for reader in readers.values():
        reader.start()
    time.sleep(1.5)
    rest = max(max(reader.waits, default=0.0) for reader in readers.values())
    for reader in readers.values():
        reader.waits.clear()
        reader.bodies.clear()
    begun = time.monotonic()
    harm()
    sound = None
    while time.monotonic() - begun < WITHIN:
        time.sleep(0.2)
        if sound is None and service.has_sound_file():
            sound = time.monotonic() - begun
        if sound is not None and time.monotonic() - begun > max(sound + 2, 6):
            break
    for reader in readers.values():
        reader.ends = True
    for reader in readers.values():
        reader.join(70)
    shown = sum(down.encode() in body for reader in readers.values() for body in reader.bodies)
    waits = " ".join(f"{name} {max(reader.waits) * 1000:5.0f} ms" for name, reader in readers.items())
    faults = {name: sorted(set(reader.faults)) for name, reader in readers.items() if reader.faults}
    fresh = "none" if sound is None else f"{sound:4.1f} s"
    waits += f" (at rest {rest * 1000:.0f} ms)"
    return f"{waits}  sound file {fresh}  shown again {shown}  {faults or ''}"


def taken_down(service: Demo) -> str:
    down = service.ids()[0]
    done = subprocess.run(
        [sys.executable, "-m", "service", "forget", down],
        env=service.environ | {"PORTAL_WIDGETS_STORE__URL": f"sqlite://{service.store}"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    until(lambda: all(down not in service.ids() for _ in range(20)), 15)  # both workers
    return down


@pytest.mark.parametrize("way", WAYS)
def test_readers_wait_for_nothing_and_a_new_file_is_there(way: str, tmp_path: Path) -> None:
    with demo(tmp_path / "home") as service:
        down = taken_down(service)
        row = measured(service, down, lambda: WAYS[way](service.store))
        tell(f"{way:20} {row}")
        until(lambda: service.is_filled() and down not in service.ids(), 60, service.log.read_text)
        assert "shown again 0" in row
        assert "sound file none" not in row, service.log.read_text()


def test_readers_wait_for_no_lock(tmp_path: Path) -> None:
    with demo(tmp_path / "home") as service:
        down = taken_down(service)
        command = [sys.executable, "-c", LOCK, str(service.store)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None

            def lock() -> None:
                assert other.stdout is not None
                other.stdout.readline()

            row = measured(service, down, lock)
            tell(f"{'locked':20} {row}")
            assert service.get("/readyz")[1].count(b"store-not-writable") == 1
            other.communicate()
        until(lambda: b"store-not-writable" not in service.get("/readyz")[1], 15)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_readers_notice_no_full_disk(tmp_path: Path) -> None:
    home = tmp_path / "home"
    disk = home / "portal-widgets"
    disk.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(disk)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with demo(home) as service:
            down = taken_down(service)

            def fill() -> None:
                with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
                    while True:
                        file.write(bytes(65_536))

            row = measured(service, down, fill)
            tell(f"{'full':20} {row}")
            (disk / "ballast").unlink()
            until(lambda: b"store-not-writable" not in service.get("/readyz")[1], 15)
            assert down not in service.ids()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
