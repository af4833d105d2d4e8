"""The article widget: the newest articles in one of three layouts, in every state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from service.articles.json import image_url
from service.articles.model import Article, ArticleImage, Published
from service.articles.service import SourceStatus
from service.core.freshness import State
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource
from service.web.widget_options import MAX_ARTICLES, ArticleLayout, ArticleOptions

_PASSED_ON = ("lang", "theme", "accent", "units", "city")  # parameters that links to article pages repeat


@dataclass(frozen=True, slots=True)
class Image:
    """An image in every stored width; `width` and `height` are those of the file that `url` names."""

    url: str
    srcset: str | None
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Teaser:
    """One article of the list. `language` is None where it is the page's own."""

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
    """The values for the template.

    Attributes:
        origin: the names of the sources.
        notice: which sources are stale and since when, in the line under the title.
        notices: why the list is empty.
        all_url: the address of the longest list; None where this is one.
        retry: nothing was fetched yet; where script runs, the page reloads by itself.
    """

    title: str
    origin: str | None = None
    notice: str | None = None
    notices: tuple[str, ...] = ()
    all_url: str | None = None
    sample: str | None = None
    teasers: tuple[Teaser, ...] = ()
    retry: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the parts that the style sheet of the card has rules for."""
        present = {"list": True, "sentence": not self.teasers, "notice": self.notice}
        return tuple(part for part, value in present.items() if value)


def present(  # noqa: PLR0913 - one argument for each part of the list
    articles: Sequence[Article],
    statuses: Sequence[SourceStatus],
    *,
    formatter: Formatter,
    options: ArticleOptions,
    prefix: str,
    sample: bool,
) -> ArticlesView:
    """Return the newest articles of these sources; every link begins with `prefix`."""
    sources = {status.source.id: status.source for status in statuses}
    listed = [article for article in articles if article.source in sources]
    has_several_sources = len(sources) > 1
    has_images = options.layout is not ArticleLayout.HEADLINES
    teasers = [
        _teaser(
            article,
            sources[article.source],
            formatter,
            url=article_link(article, sources[article.source], prefix, options),
            image=article_image(article, prefix, formatter) if has_images else None,
            with_source=has_several_sources,
        )
        for article in listed
    ]
    return ArticlesView(
        title=options.title or formatter.text("articles.title"),
        origin=formatter.text("sentence.separator").join(source.name for source in sources.values()) or None,
        notice=_stale_notice(statuses, formatter) if listed else None,
        notices=() if listed else (_empty_notice(statuses, formatter, options),),
        all_url=_all_url(prefix, options) if len(listed) == options.limit < MAX_ARTICLES else None,
        sample=formatter.text("articles.demo") if sample else None,
        teasers=tuple(teasers),
        retry=not listed and _awaits_first_listing(statuses),
    )


def present_fault(formatter: Formatter, sentences: Sequence[str]) -> ArticlesView:
    """Return the widget for invalid parameters: a sentence for each."""
    return ArticlesView(formatter.text("articles.title"), notices=tuple(sentences))


def article_link(article: Article, source: ArticleSource, prefix: str, options: ArticleOptions) -> str:
    """Return the link to our page if it has the full text or there is no original, else to the original."""
    if article.url and not source.full_text:
        return f"{prefix}/go/{article.id}"
    given = dict(options.given)
    parameters = [(name, given[name]) for name in _PASSED_ON if name in given]
    return f"{prefix}/articles/{article.id}" + (f"?{urlencode(parameters)}" if parameters else "")


def article_image(
    article: Article, prefix: str, formatter: Formatter, *, widest: bool = False
) -> Image | None:
    """Return the article's image; `url` names the narrowest variant, or the widest."""
    image = article.image
    if image is None:
        return None
    variant = image.variants[-1 if widest else 0]
    return Image(
        url=image_url(variant, prefix),
        srcset=_srcset(image, prefix),
        width=variant.width,
        height=variant.height,
        alt=image.alt or formatter.text("articles.alt", title=article.title),
    )


def local_time(published: Published, timezone: str) -> datetime:
    """Return the time of publication in this zone; a date without a time stays the same date."""
    return published.at if published.date_only else published.at.astimezone(ZoneInfo(timezone))


def iso_date(published: Published) -> str:
    """Return the ISO 8601 form: a date, or a time with its offset."""
    return published.at.date().isoformat() if published.date_only else published.at.isoformat()


def _srcset(image: ArticleImage, prefix: str) -> str | None:
    if len(image.variants) == 1:
        return None
    url_by_width: Mapping[int, str] = {
        variant.width: image_url(variant, prefix) for variant in image.variants
    }
    return ", ".join(f"{url} {width}w" for width, url in url_by_width.items())


def more_news(
    articles: Sequence[Article],
    source: ArticleSource,
    formatter: Formatter,
    prefix: str,
    options: ArticleOptions,
) -> tuple[Teaser, ...]:
    """Return these articles of one source, as titles with their dates; every link begins with `prefix`."""
    return tuple(
        _teaser(
            article,
            source,
            formatter,
            url=article_link(article, source, prefix, options),
            image=None,
            with_source=False,
        )
        for article in articles
    )


def _teaser(  # noqa: PLR0913 - one argument for each part of a teaser
    article: Article,
    source: ArticleSource,
    formatter: Formatter,
    *,
    url: str,
    image: Image | None,
    with_source: bool,
) -> Teaser:
    published = article.published
    at = local_time(published, source.timezone) if published else None
    return Teaser(
        title=article.title,
        url=url,
        language=None if article.language == formatter.language else article.language,
        lead=article.lead,
        image=image,
        date=formatter.date(at) if at else None,
        stamp=_stamp(published, at, formatter) if published and at else None,
        iso=iso_date(published) if published else None,
        source=source.name if with_source else None,
    )


def _stamp(published: Published, at: datetime, formatter: Formatter) -> str:
    """Return date and time, such as 07/03/2020 08:15, or the date alone."""
    return formatter.date(at) if published.date_only else formatter.stamped("articles.stamp", at)


def _awaits_first_listing(statuses: Sequence[SourceStatus]) -> bool:
    """Return whether the first response of some source is still awaited."""
    return any(status.fetched_at is None and status.cause is None for status in statuses)


def _empty_notice(statuses: Sequence[SourceStatus], formatter: Formatter, options: ArticleOptions) -> str:
    """Return the sentence that explains why the list is empty."""
    if not statuses:
        return formatter.text("articles.no_source")
    if _awaits_first_listing(statuses):
        return formatter.text("articles.first")
    failing = [status for status in statuses if status.fetched_at is None or status.lacks_pages]
    if failing:
        return formatter.text("articles.never_reached", source=failing[0].source.name)
    is_chosen = options.query.strip() or options.category.strip()
    return formatter.text("articles.no_match" if is_chosen else "articles.none")


def _all_url(prefix: str, options: ArticleOptions) -> str:
    passed_on = (*_PASSED_ON, "source", "q", "category", "title")
    given = [(name, value) for name, value in options.given if name in passed_on]
    return f"{prefix}/widgets/articles?{urlencode([*given, ('limit', MAX_ARTICLES)], safe=',')}"


def _stale_notice(statuses: Sequence[SourceStatus], formatter: Formatter) -> str | None:
    """Return one sentence on all stale sources, with the time in front: a narrow list cuts it at its end."""
    stale = [status for status in statuses if status.state is State.STALE and not status.lacks_pages]
    times = [
        status.fetched_at.astimezone(ZoneInfo(status.source.timezone))
        for status in stale
        if status.fetched_at
    ]
    if not times:
        return None
    newest, others = max(times), len(stale) - 1
    values = {"source": stale[0].source.name, "time": formatter.time(newest), "date": formatter.date(newest)}
    if others:
        return formatter.text("articles.sources_failed", n=others, **values)
    return formatter.text("articles.source_failed", **values)
