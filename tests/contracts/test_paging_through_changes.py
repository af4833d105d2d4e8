"""What a reader of page after page meets while the list changes under the cursor, in any repository."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_articles import article, repository_in

from service.articles.repository import ArticleRepository

_START, _SOURCES = 12, ("x", "y")
_WANTED = st.sampled_from([{}, {"sources": ["x"]}, {"query": "tin"}, {"sources": ["y"], "query": "tin"}])


@dataclass(frozen=True)
class Change:
    """Something that happens between two pages; `number` names an article, `minute` a new one's order."""

    kind: str
    number: int
    minute: int


_CHANGES = st.lists(
    st.lists(
        st.builds(
            Change,
            st.sampled_from(["arrives", "is corrected", "is withdrawn", "is dated anew"]),
            st.integers(0, _START - 1),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=3,
    ),
    min_size=3,
    max_size=14,
)


class ChangingList:
    """A repository that changes, and the ids of those of its articles that never left their place."""

    def __init__(self, repository: ArticleRepository) -> None:
        self.repository, self._arrived, self._down = repository, 0, set[int]()
        self.minutes = {number: number % 3 for number in range(_START)}
        self.unmoved = set(range(_START))
        for number in self.minutes:
            self._put(number)

    def happens(self, change: Change) -> None:
        number = change.number
        if change.kind == "arrives":
            self._arrived += 1
            source = _SOURCES[number % 2]
            self.repository.save([article(f"new{self._arrived}", minutes=change.minute, source=source)])
        elif number in self._down:
            return
        elif change.kind == "is withdrawn":
            self._down.add(number)
            self.unmoved.discard(number)
            self.repository.take_down([f"n{number}"])
        else:
            if change.kind == "is dated anew" and change.minute != self.minutes[number]:
                self.minutes[number] = change.minute
                self.unmoved.discard(number)
            self._put(number, title=f"Tin sửa lần {change.minute}")

    def _put(self, number: int, **fields: str) -> None:
        minutes, source = self.minutes[number], _SOURCES[number % 2]
        self.repository.save([article(f"n{number}", minutes=minutes, source=source, **fields)])


@pytest.mark.parametrize("new_repository", [repository_in], ids=["sqlite"])
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=_WANTED, changes=_CHANGES, limit=st.integers(1, 4))
def test_what_keeps_its_date_is_read_once_and_nothing_twice_that_does(
    new_repository: Callable[[Path], ArticleRepository],
    wanted: dict[str, object],
    changes: list[list[Change]],
    limit: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    room = ChangingList(new_repository(tmp_path_factory.mktemp("pages")))
    asked = set(_SOURCES) if "sources" not in wanted else set(wanted["sources"])  # type: ignore[call-overload]
    read: Counter[str] = Counter()
    cursor, between = None, iter(changes)
    while True:
        page = room.repository.page(limit=limit, cursor=cursor, **wanted)  # type: ignore[arg-type]
        read.update(one.id for one in page.articles)
        assert {one.source for one in page.articles} <= asked
        if (cursor := page.cursor) is None:
            break
        for change in next(between, ()):
            room.happens(change)
    stayed = {f"n{number}" for number in room.unmoved if _SOURCES[number % 2] in asked}
    assert {name: read[name] for name in stayed} == dict.fromkeys(stayed, 1)
    moved = {f"n{number}" for number in range(_START)} - {f"n{number}" for number in room.unmoved}
    assert all(times == 1 for name, times in read.items() if name not in moved)
