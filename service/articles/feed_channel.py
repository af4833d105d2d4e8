"""What our feeds tell, whatever format they are written in: a channel and its items."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from service.articles import json
from service.articles.model import Article, ArticleImage, StoredImage
from service.settings.model import ArticleSource

_NOBODYS_HOST = "portal-widgets"  # names our articles while no public URL is configured

Size = Callable[[StoredImage], int | None]


@dataclass(frozen=True, slots=True)
class Image:
    """A WebP picture; `size` in bytes, None where it is not known."""

    url: str
    width: int
    height: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Images:
    """An article's picture, wide and narrow; `words` tell what it shows."""

    wide: Image
    narrow: Image
    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """One article. Its texts are plain, but for `body_html`.

    Attributes:
        id: a tag URI (RFC 4151), the same over restarts.
        link: the original, or our own page where there is none.
        updated: when it was corrected, else published, or first seen where it has no date.
    """

    id: str
    title: str
    link: str
    published: datetime | None
    date_only: bool
    updated: datetime
    lead: str
    author: str | None
    organisation: str | None
    language: str
    source: ArticleSource
    images: Images | None
    body_html: str | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed.

    Attributes:
        id: a tag URI; the same for every length and language of the feed.
        link: the page that shows the same to people.
        self_url: where the feed itself is.
        refresh: how often it is worth asking.
    """

    id: str
    title: str
    description: str
    link: str
    self_url: str
    language: str
    refresh: timedelta
    items: tuple[Item, ...]
    updated: datetime | None
    sample: bool


@dataclass(frozen=True, slots=True)
class Authority:
    """Who names things here: the public URL, or the local one while there is none."""

    base_url: str
    public_url: str

    def tag(self, name: str) -> str:
        """A name of ours (RFC 4151)."""
        host = urlsplit(self.public_url).hostname or _NOBODYS_HOST
        plain = host if host.isascii() else host.encode("idna").decode()
        return f"tag:{plain},2020:{name}"


def items(
    articles: Sequence[Article], sources: Mapping[str, ArticleSource], authority: Authority, size: Size
) -> tuple[Item, ...]:
    """The articles as items; `size` tells the bytes of a picture."""
    return tuple(_item(article, sources[article.source], authority, size) for article in articles)


def newest_change(articles: Sequence[Article]) -> datetime | None:
    """When something last came in. What a source dates to the future has not changed yet."""
    return max((article.changed_at for article in articles), default=None)


def _item(article: Article, source: ArticleSource, authority: Authority, size: Size) -> Item:
    base_url = authority.base_url
    published = json.published_at(article, source)
    return Item(
        id=authority.tag(f"article/{article.id}"),
        title=article.title,
        link=article.url or f"{base_url}/articles/{article.id}",
        published=published,
        date_only=article.published.date_only if article.published else False,
        updated=_updated(article, published),
        lead=article.lead,
        author=article.author,
        organisation=article.organisation,
        language=article.language,
        source=source,
        images=_images(article.image, base_url, size) if article.image else None,
        body_html=json.body_html(article, source, base_url),
    )


def _updated(article: Article, published: datetime | None) -> datetime:
    """What was never corrected is as old as it says, whenever we came to know of it."""
    corrected = article.changed_at > article.first_seen
    return article.changed_at if corrected or published is None else published


def _images(illustration: ArticleImage, base_url: str, size: Size) -> Images:
    narrow, wide = illustration.variants[0], illustration.variants[-1]
    words = illustration.caption or illustration.alt
    return Images(_image(wide, base_url, size), _image(narrow, base_url, size), words)


def _image(picture: StoredImage, base_url: str, size: Size) -> Image:
    url = json.picture_url(picture, base_url)
    return Image(url, picture.width, picture.height, size(picture))
