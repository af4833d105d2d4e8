"""Until when a list of articles is true."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.articles.service import SourceStatus
from service.core.freshness import State
from service.settings.model import ArticleSettings
from service.web.cache_policy import NOT_NOW, CachePolicy

_SOON = timedelta(seconds=60)


def of_articles(
    standings: Sequence[SourceStatus], goals: ArticleSettings, now: datetime, modified: datetime | None = None
) -> CachePolicy:
    """Until the first of these portals is asked again or changes its state.

    An outage may be bridged for as long as a silent portal passes for fresh: old articles stay true, and
    those on the page say their dates.
    """
    if not standings:
        return CachePolicy(_SOON)
    if all(standing.fetched_at is None for standing in standings):
        return NOT_NOW
    ends = min(_until_news(standing, goals, now) for standing in standings)
    return CachePolicy(ends, stale=goals.stale_after, modified=modified)


def _until_news(standing: SourceStatus, goals: ArticleSettings, now: datetime) -> timedelta:
    """Until this portal is asked again; where that is overdue, a minute at the most."""
    overdue = min(goals.refresh, _SOON)
    if standing.fetched_at is None:
        return overdue
    ahead = standing.fetched_at + goals.refresh - now
    ends = min(ahead, goals.refresh) if ahead > timedelta(0) else overdue  # the clock may have been set back
    if standing.state is State.FRESH:
        ends = min(ends, standing.fetched_at + goals.stale_after - now)
    return max(ends, timedelta(0))
