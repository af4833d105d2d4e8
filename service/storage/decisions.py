"""The last decisions, in a table of the store's file: bounded in size, in age and in number."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from service.core.decisions import Decision
from service.storage.store import SqliteStore

MAX_BYTES = 300  # of one decision; a longer one loses its address first, then the end of its texts
MAX_AGE = timedelta(days=7)
MAX_PER_GROUP = 5_000
_CUT = 40  # characters that remain of a title and a detail that are too long


class SqliteDecisions:
    """Implements the `DecisionLog` port. Other processes may read while one writes."""

    def __init__(self, store: SqliteStore) -> None:
        """Use the file of this store."""
        self._store = store

    def record(self, decisions: Sequence[Decision]) -> None:
        """Replace the last decision about each of these subjects, and drop those beyond the bounds."""
        if not decisions:
            return
        with self._store.writing() as write:
            connection = write.connection
            connection.executemany(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?)", map(_row, decisions)
            )
            newest = max(decision.at for decision in decisions)
            connection.execute("DELETE FROM decisions WHERE at < ?", (_number(newest - MAX_AGE),))
            for group in {decision.group for decision in decisions}:
                connection.execute(
                    "DELETE FROM decisions WHERE owner = ?1 AND subject IN (SELECT subject FROM decisions"
                    " WHERE owner = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?2)",
                    (group, MAX_PER_GROUP),
                )

    def about(self, subject: str) -> list[Decision]:
        """Return the decisions about this subject, an article's canonical URL, or a place; newest first."""
        query = (
            "SELECT owner, subject, at, address, text FROM decisions"
            " WHERE subject = ?1 OR (address = ?1 AND address <> '') OR subject GLOB ?2 ORDER BY at DESC"
        )
        with self._store.reading() as connection:
            return [_decision(*row) for row in connection.execute(query, (subject, f"{_glob(subject)}/*"))]


def _row(decision: Decision) -> tuple[str, str, int, str, str]:
    next_at = _number(decision.next_at) if decision.next_at else None
    for address, length in ((decision.address, None), ("", None), ("", _CUT)):
        title, detail = decision.title[:length], decision.detail[:length]
        text = json.dumps(
            [decision.outcome, detail, title, next_at], ensure_ascii=False, separators=(",", ":")
        )
        if sum(len(part.encode()) for part in (decision.group, decision.subject, address, text)) <= MAX_BYTES:
            break
    return decision.group, decision.subject, _number(decision.at), address, text


def _decision(group: str, subject: str, at: int, address: str, text: str) -> Decision:
    outcome, detail, title, next_at = json.loads(text)
    return Decision(
        group,
        subject,
        _time(at),
        outcome,
        detail,
        title,
        address,
        None if next_at is None else _time(next_at),
    )


def _number(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _glob(text: str) -> str:
    """Escape a text for GLOB, in which *, ? and [ stand for others."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
