"""Threads request at random while new values are stored, the clock is set, and memory is short."""

import random
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from random_requests import ITEMS, Checker, Response, WriteLog, Writer, expected, send_at_random, settings_of
from werkzeug.test import Client

from service.app import create_app
from service.settings.load import load
from service.storage.store import SqliteStore

pytestmark = pytest.mark.uncounted

CLIENTS, EACH = 4, 120


class Clock:
    """The real one, but for how far it was set."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - real time passes while threads send requests


@pytest.mark.parametrize("memory", ["32MB", "150KB"])
def test_every_response_is_whole_its_own_and_up_to_date(memory: str, tmp_path: Path) -> None:
    clock, write_log, store = Clock(), WriteLog(), SqliteStore(tmp_path / "store.sqlite3")
    writer, over = Writer(store, write_log), threading.Event()
    writer.begin()
    responses = expected(tmp_path)
    settings = load(settings_of(tmp_path, PORTAL_WIDGETS_EDGE__MEMORY=memory))
    app = create_app(settings, clock=clock, background=False)

    def write() -> None:
        chance = random.Random(5)
        while not over.wait(0.02):
            writer.write(chance.randrange(len(ITEMS)))
            clock.ahead += timedelta(seconds=chance.choice([0] * 60 + [-30, -0.7, 0.7, 30]))

    def send(method: str, target: str, headers: Mapping[str, str]) -> Response:
        response = Client(app).open(target, method=method, headers=dict(headers))
        return (
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            response.data,
        )

    def many(seed: int) -> dict[str, int]:
        checker, chance = Checker(write_log, responses), random.Random(seed)
        for _ in range(EACH):
            send_at_random(send, checker, chance)
        return checker.counted

    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        writing = threads.submit(write)
        try:
            counted = list(threads.map(many, range(CLIENTS)))
        finally:
            over.set()
        writing.result()
    assert all(one["hit"] and one["fwd"] and one["304"] for one in counted)
