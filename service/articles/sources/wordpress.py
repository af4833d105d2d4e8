"""Sources that run WordPress, by its REST API (https://developer.wordpress.org/rest-api/reference/posts/)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.articles.extract import article_page, signatures
from service.articles.extract.context import ParseContext, merge_images, parse_pixels
from service.articles.model import Declared, ImageCandidate, Listing, ParsedEntry, Published
from service.articles.sources.error_messages import parse_json, unreadable
from service.articles.text import bylines, categories, decoding, plain_text, sanitise
from service.articles.text.bylines import Byline
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

JsonObject = Mapping[str, Any]

_ENDPOINT = "/wp-json/wp/v2/posts"
_POSTS_PER_PAGE = 30
_EXPECTED = "WordPress's list of posts"
_CLOSED = "its interface is closed to strangers"
_ERRORS = {  # by `code`, in our words: WordPress's own may echo the request
    "rest_no_route": "it has no list of posts at this address",
    "rest_forbidden": _CLOSED,
    "rest_cannot_access": _CLOSED,
    "rest_login_required": _CLOSED,
    "rest_not_logged_in": _CLOSED,
    "rest_user_cannot_view": _CLOSED,
    "rest_disabled": "its interface is switched off",
    "rest_api_disabled": "its interface is switched off",
}

_MAX_WIDTH = 1_600  # pixels; a wider size is only taken where there is no narrower one


@dataclass(frozen=True, slots=True)
class WordPress:
    """Parser for sources of kind `wordpress`, configured with the site's URL or that of a list of posts."""

    source: ArticleSource

    def listing_request(self) -> Request:
        """Return the request for the newest posts, with their authors and images embedded."""
        url = self.source.url
        parts = urlsplit(url)
        is_list = "/wp-json/" in parts.path or "rest_route=" in parts.query
        params = {"_embed": "1", "per_page": str(_POSTS_PER_PAGE)}
        endpoint = url if is_list else url.split("?")[0].rstrip("/") + _ENDPOINT
        return Request(endpoint, params=params, headers={"accept": "application/json"})

    def read_listing(self, response: Response, now: datetime) -> Listing:
        """Return the posts.

        Raises:
            UpstreamError: when the response is no list of posts.
        """
        text = decoding.decode(response.body, response.headers.get("content-type", ""), self.source.charset)
        posts = parse_json(text, _EXPECTED)
        if not isinstance(posts, list):
            raise unreadable(_describe_error(posts))
        context = ParseContext(self.source, now, response.url)
        entries = (_parse_post(post, context) for post in posts if isinstance(post, dict))
        listing = Listing(tuple(filter(None, entries)))
        if posts and not listing.entries:
            raise unreadable("None of the site's posts has a title or a text.")
        return listing

    def wants_page(self, entry: ParsedEntry) -> bool:
        """Return whether the post has no excerpt, no featured image, or no text that may be shown."""
        return article_page.needs_page(entry, self.source)

    def page_request(self, entry: ParsedEntry) -> Request | None:
        return article_page.page_request(entry)

    def read_page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        return article_page.complete_entry(entry, response, self.source, now)


def _describe_error(response: object) -> str:
    code = response.get("code") if isinstance(response, dict) else None
    if not isinstance(code, str):
        return f"This is JSON, but not {_EXPECTED}."
    reason = _ERRORS.get(code, "")
    return f"WordPress answers with an error instead of its posts{f': {reason}' if reason else ''}."


def _parse_post(post: JsonObject, context: ParseContext) -> ParsedEntry | None:
    """Return one entry; None for a post that is not published or has neither a title nor a text."""
    if post.get("status", "publish") != "publish":
        return None
    url = context.absolute_url(post.get("link"))
    context = replace(context, base=url or context.base)
    content, excerpt = _rendered(post, "content"), _rendered(post, "excerpt")
    whole_lead = plain_text.whole_lead(excerpt)
    lead = plain_text.snippet(whole_lead) or plain_text.lead(content)
    title = plain_text.title(_rendered(post, "title")) or plain_text.title(lead)
    if not title:
        return None
    author, organisation = signatures.signed(_byline(post), content)
    post_id = post.get("id")
    has_id = isinstance(post_id, int) and not isinstance(post_id, bool)
    in_text = sanitise.images_in(content, context.base) if content else ()
    featured, shared = tuple(_images(post, context)), tuple(_shared_images(post, context))
    images = merge_images((*featured, *in_text))
    entry = ParsedEntry(
        key=str(post_id) if has_id else url or title,
        title=title,
        url=url,
        published=_published(post, context),
        lead=lead,
        whole_lead=whole_lead,
        author=author,
        organisation=organisation,
        images=images,
        body_html=plain_text.remove_controls(content) or None if context.source.full_text else None,
        language=context.source.language or None,
        categories=_categories(post),
    )
    if not shared:
        return entry
    declared = Declared(image=shared[0].url, image_is_alone=shared[0].url not in {one.url for one in images})
    complete = replace(entry, images=merge_images((*featured, *shared, *in_text)))
    return replace(complete, declared=declared, undeclared=entry)


def _rendered(thing: JsonObject, name: str) -> str:
    """Return the HTML of a field; that of a post with a password is empty."""
    field = thing.get(name)
    rendered = field.get("rendered") if isinstance(field, dict) else field
    return rendered if isinstance(rendered, str) else ""


def _published(post: JsonObject, context: ParseContext) -> Published | None:
    """Parse `date_gmt`, else `date`, which is by the site's clock; neither names its zone."""
    exact, local = _string(post, "date_gmt"), _string(post, "date")
    if exact and not exact.startswith("0000"):
        published = context.parse_date(f"{exact}+00:00" if exact[-1:].isdigit() else exact)
        if published:
            return replace(
                published, at=published.at.astimezone(UTC).astimezone(ZoneInfo(context.source.timezone))
            )
    return context.parse_date(local)


def _byline(post: JsonObject) -> Byline:
    for author in _embedded(post, "author"):
        name = plain_text.from_markup(_string(author, "name"))
        if name and name.casefold() != "editor" and any(byline := bylines.parse(name)):
            return byline
    return None, None


def _categories(post: JsonObject) -> tuple[str, ...]:
    """Return the names of the categories, then those of the tags and of the site's own kinds of terms."""
    groups = _object(post, "_embedded").get("wp:term")
    terms = [
        term
        for group in (groups if isinstance(groups, list) else ())
        for term in (group if isinstance(group, list) else ())
        if isinstance(term, dict) and _string(term, "taxonomy") != "post_format"
    ]
    terms.sort(key=lambda term: _string(term, "taxonomy") != "category")
    return categories.clean(_string(term, "name") for term in terms)


def _images(post: JsonObject, context: ParseContext) -> Iterator[ImageCandidate]:
    """Yield the featured image and Jetpack's."""
    for media in _embedded(post, "wp:featuredmedia"):
        if _string(media, "media_type") in ("", "image"):
            yield from _featured_image(media, context)
    yield from filter(None, [context.image(post.get("jetpack_featured_media_url"))])


def _shared_images(post: JsonObject, context: ParseContext) -> Iterator[ImageCandidate]:
    """Yield the images that Yoast SEO offers for sharing: the site's own where a post has none."""
    shared = _object(post, "yoast_head_json").get("og_image")
    for image in shared if isinstance(shared, list) else ():
        if isinstance(image, dict):
            candidate = context.image(image.get("url"), image.get("width"), image.get("height"))
            yield from [candidate] if candidate else []


def _featured_image(media: JsonObject, context: ParseContext) -> Iterator[ImageCandidate]:
    """Yield the widest size that is not too wide, then the original."""
    details = _object(media, "media_details")
    sizes = [size for size in _object(details, "sizes").values() if isinstance(size, dict)]
    original = {**details, "source_url": media.get("source_url")}
    fitting = [
        size
        for size in (*sizes, original)
        if (parse_pixels(size.get("width")) or _MAX_WIDTH + 1) <= _MAX_WIDTH
    ]
    best = max(fitting, key=lambda size: parse_pixels(size.get("width")) or 0, default=original)
    alt = plain_text.from_markup(_string(media, "alt_text"))
    caption = plain_text.from_markup(_rendered(media, "caption"))
    for size in (best, original):
        sides = (size.get("width"), size.get("height"))
        image = context.image(size.get("source_url"), *sides, alt, caption)
        if image:
            yield image


def _embedded(post: JsonObject, name: str) -> Iterator[JsonObject]:
    """Yield what the post links to; for what the reader may not see it is an error with a `code`."""
    linked = _object(post, "_embedded").get(name)
    things = linked if isinstance(linked, list) else []
    return (thing for thing in things if isinstance(thing, dict) and "code" not in thing)


def _object(thing: JsonObject, name: str) -> JsonObject:
    value = thing.get(name)
    return value if isinstance(value, dict) else {}


def _string(thing: JsonObject, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""
