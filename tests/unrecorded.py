"""Decisions that nobody reads, for tests of what makes them."""

import logging
from datetime import UTC, datetime

from service.core.decisions import NO_DECISIONS, DecisionRecorder


def unrecorded() -> DecisionRecorder:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    return DecisionRecorder(NO_DECISIONS, "article/tests", lambda: now, logging.getLogger("tests"))
