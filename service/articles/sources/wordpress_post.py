"""One post of WordPress's REST interface as a draft."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from service.articles.extract.found import joined
from service.articles.model import ImageCandidate, ParsedEntry, Published
from service.articles.sources.context import ParseContext, pixels
from service.articles.text import bylines, plain_text, sanitise, unicode

Thing = Mapping[str, Any]

_WIDEST = 1_600  # pixels; wider sizes are left where they are while a narrower one is there
_NOBODY = frozenset({"admin", "administrator", "webmaster", "quản trị", "quản trị viên", "editor", "root"})
_ELLIPSES = ("[…]", "[...]", "[&hellip;]", "[&#8230;]")  # what WordPress ends an excerpt with
_MORE_LINK = re.compile(r"<a\b[^<>]*?\bmore-link\b[^<>]*+>", re.IGNORECASE)  # its "Continue reading"


def draft_of(post: Thing, at: ParseContext) -> ParsedEntry | None:
    """What the site says of this post; None for one that is not published or has no title and no text."""
    if post.get("status", "publish") != "publish":
        return None
    at = replace(at, base=at.link(post.get("link")) or at.base)
    content, excerpt = _rendered(post, "content"), _without_more(_rendered(post, "excerpt"))
    lead = plain_text.lead(excerpt) or plain_text.lead(content)
    title = plain_text.title(_rendered(post, "title")) or plain_text.title(lead)
    url = at.link(post.get("link"))
    if not title:
        return None
    author, organisation = _people(post)
    return ParsedEntry(
        key=_key(post, url, title),
        title=title,
        url=url,
        published=_published(post, at),
        lead=lead,
        author=author,
        organisation=organisation,
        images=joined((*_pictures(post, at), *_in_the_text(content, at))),
        body_html=unicode.remove_controls(content) or None if at.source.full_text else None,
        language=at.source.language or None,
    )


def _rendered(post: Thing, name: str) -> str:
    """The text of a field; one behind a password is empty."""
    field = post.get(name)
    rendered = field.get("rendered") if isinstance(field, dict) else field
    return rendered if isinstance(rendered, str) else ""


def _without_more(excerpt: str) -> str:
    """The excerpt without what leads on to the whole text."""
    link = _MORE_LINK.search(excerpt)
    excerpt = excerpt[: link.start()] if link else excerpt
    bare = excerpt.rstrip().removesuffix("</p>").rstrip()
    ellipsis = next((one for one in _ELLIPSES if bare.endswith(one)), None)
    return bare.removesuffix(ellipsis).rstrip() if ellipsis else excerpt


def _key(post: Thing, url: str | None, title: str) -> str:
    identifier = post.get("id")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        return str(identifier)
    return url or title


def _published(post: Thing, at: ParseContext) -> Published | None:
    """`date_gmt` is exact, `date` is by the site's clock; neither names its zone."""
    exact, local = _string(post, "date_gmt"), _string(post, "date")
    if exact and not exact.startswith("0000"):
        published = at.date(f"{exact}+00:00" if exact[-1:].isdigit() else exact)
        if published:
            return replace(published, at=published.at.astimezone(UTC).astimezone(at.source.zone))
    return at.date(local)


def _people(post: Thing) -> tuple[str | None, str | None]:
    for author in _embedded(post, "author"):
        name = plain_text.from_markup(_string(author, "name"))
        if name and name.casefold() not in _NOBODY:
            return bylines.parse(name)
    return None, None


def _pictures(post: Thing, at: ParseContext) -> Iterator[ImageCandidate]:
    for media in _embedded(post, "wp:featuredmedia"):
        if _string(media, "media_type") in ("", "image"):
            yield from _featured(media, at)
    yield from filter(None, [at.picture(post.get("jetpack_featured_media_url"))])
    yield from _shared(post, at)


def _featured(media: Thing, at: ParseContext) -> Iterator[ImageCandidate]:
    details = _object(media, "media_details")
    sizes = [size for size in _object(details, "sizes").values() if isinstance(size, dict)]
    whole = {**details, "source_url": media.get("source_url")}
    fitting = [size for size in (*sizes, whole) if (pixels(size.get("width")) or _WIDEST + 1) <= _WIDEST]
    best = max(fitting, key=lambda size: pixels(size.get("width")) or 0, default=whole)
    alt = plain_text.from_markup(_string(media, "alt_text"))
    caption = plain_text.from_markup(_rendered(media, "caption"))
    for size in (best, whole):
        picture = at.picture(size.get("source_url"), size.get("width"), size.get("height"), alt, caption)
        if picture:
            yield picture


def _shared(post: Thing, at: ParseContext) -> Iterator[ImageCandidate]:
    """What Yoast SEO offers for sharing, where the site has it."""
    offered = _object(post, "yoast_head_json").get("og_image")
    for image in offered if isinstance(offered, list) else ():
        if isinstance(image, dict):
            picture = at.picture(image.get("url"), image.get("width"), image.get("height"))
            yield from [picture] if picture else []


def _in_the_text(content: str, at: ParseContext) -> tuple[ImageCandidate, ...]:
    return sanitise.sanitise_html(content, at.base).images if content else ()


def _embedded(post: Thing, name: str) -> Iterator[Thing]:
    """What the post links to; an error stands there for what the reader may not see."""
    linked = _object(post, "_embedded").get(name)
    things = linked if isinstance(linked, list) else []
    return (thing for thing in things if isinstance(thing, dict) and "code" not in thing)


def _object(thing: Thing, name: str) -> Thing:
    value = thing.get(name)
    return value if isinstance(value, dict) else {}


def _string(thing: Thing, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""
