"""Threads request at random while new values are stored, the clock is set, and memory is short."""

import random
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from random_requests import ITEMS, Answer, Diary, Judge, Writer, ask_at_random, expected, settings_of
from werkzeug.test import Client

from service.app import create_app
from service.settings.load import load
from service.storage.store import SqliteStore

pytestmark = pytest.mark.uncounted

ASKERS, EACH = 4, 120


class Clock:
    """The real one, but for how far it was set."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - real time passes while threads ask


@pytest.mark.parametrize("memory", ["32MB", "150KB"])
def test_every_answer_is_whole_its_own_and_of_now(memory: str, tmp_path: Path) -> None:
    clock, diary, store = Clock(), Diary(), SqliteStore(tmp_path / "store.sqlite3")
    writer, over = Writer(store, diary), threading.Event()
    writer.begin()
    says = expected(tmp_path)
    settings = load(settings_of(tmp_path, PORTAL_WIDGETS_EDGE__MEMORY=memory))
    app = create_app(settings, clock=clock, background=False)

    def write() -> None:
        chance = random.Random(5)
        while not over.wait(0.02):
            writer.write(chance.randrange(len(ITEMS)))
            clock.ahead += timedelta(seconds=chance.choice([0] * 60 + [-30, -0.7, 0.7, 30]))

    def ask(method: str, target: str, headers: Mapping[str, str]) -> Answer:
        answer = Client(app).open(target, method=method, headers=dict(headers))
        return (
            answer.status_code,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.data,
        )

    def many(seed: int) -> dict[str, int]:
        judge, chance = Judge(diary, says), random.Random(seed)
        for _ in range(EACH):
            ask_at_random(ask, judge, chance)
        return judge.counted

    with ThreadPoolExecutor(ASKERS + 1) as threads:
        writing = threads.submit(write)
        try:
            counted = list(threads.map(many, range(ASKERS)))
        finally:
            over.set()
        writing.result()
    assert all(one["hit"] and one["fwd"] and one["304"] for one in counted)
