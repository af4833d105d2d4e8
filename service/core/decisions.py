"""What was last decided about an article, or about a place and a provider: recorded when it is decided.

The collector decides; `portal-widgets why` reads. A decision has two parts: whose it is (a group, such as
`article/tinh` or `weather/open-meteo`, and a subject in it) and what was decided, with the reason.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MAX_DETAIL, MAX_TITLE = 120, 60  # characters: with its keys a decision takes about 300 bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """The last decision about one subject.

    Attributes:
        group: whose subject it is: `article/<source id>` or `weather/<provider id>`.
        subject: an article's id, or `<place id>/<dataset>`.
        outcome: a word, such as `new` or `refused`.
        detail: the reason or the result, in words.
        title: of an article, to recognise it by.
        address: an article's canonical URL, under which it is found; "" where there is none.
        next_at: when the subject is looked at again, where that is known.
    """

    group: str
    subject: str
    at: datetime
    outcome: str
    detail: str = ""
    title: str = ""
    address: str = ""
    next_at: datetime | None = None


class DecisionLog(Protocol):
    """Where the last decisions are kept. Every method raises StoreError when that cannot be used."""

    def record(self, decisions: Sequence[Decision]) -> None:
        """Replace the last decision about each of these subjects."""
        ...


class _NoDecisions:
    def record(self, decisions: Sequence[Decision]) -> None:
        pass


NO_DECISIONS: DecisionLog = _NoDecisions()  # keeps nothing


class DecisionRecorder:
    """Gathers the decisions of one group until they are recorded together. Safe for threads.

    Each is logged at DEBUG, and their counts at INFO.
    """

    def __init__(
        self,
        decisions: DecisionLog,
        group: str,
        clock: Callable[[], datetime],
        logger: logging.Logger,
        redact: Callable[[str], str] = str,
    ) -> None:
        """Record to this log and tell this logger; `redact` removes secrets from the texts."""
        self._decisions, self._group, self._clock, self._logger = decisions, group, clock, logger
        self._redact = redact
        self._pending: dict[str, Decision] = {}
        self._lock = threading.Lock()

    def decide(  # noqa: PLR0913 - what a decision has
        self,
        subject: str,
        outcome: str,
        detail: str = "",
        *,
        title: str = "",
        address: str = "",
        next_at: datetime | None = None,
    ) -> None:
        """Note a decision; a later one about the same subject replaces it."""
        decision = Decision(
            self._group,
            subject,
            self._clock(),
            outcome,
            self._redact(detail)[:MAX_DETAIL],
            self._redact(title)[:MAX_TITLE],
            self._redact(address),
            next_at,
        )
        reason = f", {decision.detail}" if decision.detail else ""
        self._logger.debug("%s %s: %s%s", self._group, subject, outcome, reason)
        with self._lock:
            self._pending[subject] = decision

    def flush(self) -> None:
        """Record what was decided since the last time; kept for later where the log fails."""
        with self._lock:
            pending, self._pending = self._pending, {}
        if not pending:
            return
        try:
            self._decisions.record(list(pending.values()))
        except BaseException:
            with self._lock:
                self._pending = pending | self._pending
            raise
        counts = Counter(decision.outcome for decision in pending.values())
        text = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        self._logger.info("%s: %s", self._group, text)
