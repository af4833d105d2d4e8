"""Reading what a source answered: a reader's mistake costs this answer, not the collector."""

import logging
from datetime import datetime

from service.domain.articles import Draft, Listing, Source
from service.domain.failures import Cause, UpstreamError
from service.domain.ports import Answer

log = logging.getLogger(__name__)


def listing(source: Source, answer: Answer, now: datetime) -> Listing:
    """The source's listing.

    Raises:
        UpstreamError: when it cannot be used.
    """
    try:
        return source.read_listing(answer, now)
    except UpstreamError:
        raise
    except Exception as fault:
        raise _ours(source, answer, fault) from fault


def page(source: Source, answer: Answer, draft: Draft, now: datetime) -> Draft:
    """The draft completed from its page.

    Raises:
        UpstreamError: when the page cannot be used.
    """
    try:
        return source.read_page(answer, draft, now)
    except UpstreamError:
        raise
    except Exception as fault:
        raise _ours(source, answer, fault) from fault


def _ours(source: Source, answer: Answer, fault: Exception) -> UpstreamError:
    log.error("source %s: %s could not be read, which is our fault", source.id, answer.url, exc_info=fault)
    return UpstreamError(Cause.UNREADABLE, f"reading the answer failed: {type(fault).__name__}")
