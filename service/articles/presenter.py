"""The article widget: the newest articles in one of three layouts, in every state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from service.articles.model import Article, ArticleImage, Published, StoredImage
from service.articles.service import SourceStatus
from service.core.freshness import State
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource
from service.web.widget_options import ArticleLayout, ArticleOptions

_PASSED_ON = ("lang", "theme", "accent", "units", "city")  # what a reader takes along to an article's page


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in every width we have; width and height are of the one that `url` names."""

    url: str
    srcset: str | None
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Teaser:
    """One article of the list. `language` is None where it is that of the page."""

    title: str
    url: str
    language: str | None
    lead: str
    image: Image | None
    date: str | None
    stamp: str | None
    iso: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class ArticlesView:
    """What the template places.

    Attributes:
        origin: the one source of everything shown; None where there are several.
        notices: why there is nothing, or which sources have told nothing new, since when.
        retry: nothing was ever fetched; a page with script asks again by itself.
    """

    title: str
    origin: str | None = None
    notices: tuple[str, ...] = ()
    sample: str | None = None
    teasers: tuple[Teaser, ...] = ()
    retry: bool = False


def present(  # noqa: PLR0913 - one argument for each thing the list is made of
    articles: Sequence[Article],
    statuses: Sequence[SourceStatus],
    *,
    formatter: Formatter,
    options: ArticleOptions,
    prefix: str,
    sample: bool,
) -> ArticlesView:
    """The newest articles of these sources; every link begins with `prefix`."""
    sources = {status.source.id: status.source for status in statuses}
    known = [article for article in articles if article.source in sources]
    several = len(sources) > 1
    with_pictures = options.layout is not ArticleLayout.HEADLINES
    teasers = [
        _teaser(
            article,
            sources[article.source],
            formatter,
            url=link(article, sources[article.source], prefix, options),
            image=image_of(article, prefix, formatter) if with_pictures else None,
            named=several,
        )
        for article in known
    ]
    return ArticlesView(
        title=formatter.text("articles.title"),
        origin=None if several else next((source.name for source in sources.values()), None),
        notices=_old(statuses, formatter) if known else (_why_nothing(statuses, formatter),),
        sample=formatter.text("articles.demo") if sample else None,
        teasers=tuple(teasers),
        retry=not known and _is_first(statuses),
    )


def present_fault(formatter: Formatter, sentences: Sequence[str]) -> ArticlesView:
    """The widget for parameters that cannot be used: what is wrong with each."""
    return ArticlesView(formatter.text("articles.title"), notices=tuple(sentences))


def link(article: Article, source: ArticleSource, prefix: str, options: ArticleOptions) -> str:
    """Our page where it has the whole article or is all there is, else the way to the original."""
    if article.url and not source.full_text:
        return f"{prefix}/go/{article.id}"
    given = dict(options.given)
    kept = [(name, given[name]) for name in _PASSED_ON if name in given]
    return f"{prefix}/articles/{article.id}" + (f"?{urlencode(kept)}" if kept else "")


def image_of(article: Article, prefix: str, formatter: Formatter, *, widest: bool = False) -> Image | None:
    """The article's picture; `url` names the narrowest width of it, or the widest."""
    shown = article.image
    if shown is None:
        return None
    named = shown.variants[-1 if widest else 0]
    return Image(
        url=image_url(named, prefix),
        srcset=_srcset(shown, prefix),
        width=named.width,
        height=named.height,
        alt=shown.alt or formatter.text("articles.alt", title=article.title),
    )


def image_url(picture: StoredImage, prefix: str) -> str:
    """Where its bytes are had."""
    return f"{prefix}/images/{picture.hash}.webp"


def local(published: Published, timezone: str) -> datetime:
    """When it was published, as the clocks in this zone said it; a bare day stays the day it is."""
    return published.at if published.date_only else published.at.astimezone(ZoneInfo(timezone))


def machine_date(published: Published) -> str:
    """For programs (ISO 8601): a day, or a moment with its zone."""
    return published.at.date().isoformat() if published.date_only else published.at.isoformat()


def _srcset(illustration: ArticleImage, prefix: str) -> str | None:
    if len(illustration.variants) == 1:
        return None
    offers: Mapping[int, str] = {
        picture.width: image_url(picture, prefix) for picture in illustration.variants
    }
    return ", ".join(f"{url} {width}w" for width, url in offers.items())


def _teaser(  # noqa: PLR0913 - one argument for each thing that is said of an article
    article: Article,
    source: ArticleSource,
    formatter: Formatter,
    *,
    url: str,
    image: Image | None,
    named: bool,
) -> Teaser:
    published = article.published
    at = local(published, source.timezone) if published else None
    return Teaser(
        title=article.title,
        url=url,
        language=None if article.language == formatter.language else article.language,
        lead=article.lead,
        image=image,
        date=formatter.date(at) if at else None,
        stamp=_stamp(published, at, formatter) if published and at else None,
        iso=machine_date(published) if published else None,
        source=source.name if named else None,
    )


def _stamp(published: Published, at: datetime, formatter: Formatter) -> str:
    """07/03/2020 08:15, or the day alone."""
    return formatter.date(at) if published.date_only else formatter.stamped("articles.stamp", at)


def _is_first(statuses: Sequence[SourceStatus]) -> bool:
    """Whether the first answer of some source is still awaited."""
    return any(status.fetched_at is None and status.cause is None for status in statuses)


def _why_nothing(statuses: Sequence[SourceStatus], formatter: Formatter) -> str:
    if not statuses:
        return formatter.text("articles.no_source")
    if _is_first(statuses):
        return formatter.text("articles.first")
    failing = [status for status in statuses if status.fetched_at is None]
    if failing:
        return formatter.text("articles.never_reached", source=failing[0].source.name)
    return formatter.text("articles.none")


def _old(statuses: Sequence[SourceStatus], formatter: Formatter) -> tuple[str, ...]:
    """Which sources have been silent too long: one sentence, so that the height stays bounded."""
    silent = [status for status in statuses if status.state is State.STALE]
    moments = [_fetched(status) for status in silent]
    known = [moment for moment in moments if moment]
    if not known:
        return ()
    newest, others = max(known), len(silent) - 1
    said = {"source": silent[0].source.name, "time": formatter.time(newest), "date": formatter.date(newest)}
    if others:
        return (formatter.text("articles.sources_failed", n=others, **said),)
    alone = len(statuses) == 1
    return (formatter.text("articles.source_failed" if alone else "articles.one_source_failed", **said),)


def _fetched(status: SourceStatus) -> datetime | None:
    at = status.fetched_at
    return at.astimezone(ZoneInfo(status.source.timezone)) if at else None
