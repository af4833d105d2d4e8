"""Complete a parsed entry from the article's own page.

JSON-LD and meta tags come first, then the configured selectors, then heuristics.
"""

import re
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract import breadcrumbs, css_selectors, heuristics, json_ld, meta_tags
from service.articles.extract.context import Extracted, ParseContext, merge_images
from service.articles.extract.titles import best_title
from service.articles.model import ImageCandidate, ParsedEntry, Published
from service.articles.sources.error_messages import describe, unreadable
from service.articles.text import decoding, plain_text
from service.articles.text.html_tree import base_url, parse_html
from service.core.folding import fold, words
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

_HTML = re.compile(r"<(?:!doctype|html|head|body|div|p|table|article|section|h\d)\b", re.IGNORECASE)
_ERROR_TITLE = re.compile(  # titles of error pages and bot checks
    r"(?:error\s*)?(?:40[0-9]|410|50[0-9])\b.{0,40}|(?:page |trang |bài viết )?not found"
    r"|(?:trang |bài viết )?(?:không tìm thấy|không tồn tại)"
    r"|.{0,30}(?:không tìm thấy trang|trang (?:này )?không tồn tại|page not found).{0,30}"
    r"|just a moment.{0,3}|attention required!.{0,40}|access denied|forbidden|bad gateway"
    r"|service unavailable|(?:internal )?server error.{0,40}|runtime error|are you a robot.{0,3}"
    r"|site (?:is )?under maintenance|bảo trì hệ thống",
    re.IGNORECASE,
)
_MAX_COMPARED = 100_000  # characters of the text that the description is compared with
_SMALL_WIDTH = 300  # pixels; a listing's image up to here comes after the page's images
_MIN_SHARED = 0.2  # share of a description's word pairs that is in its article; of a site's own it is about 0


def needs_page(entry: ParsedEntry, source: ArticleSource) -> bool:
    """Return whether there is a page, and lead, image, or the full text that may be shown are missing."""
    lacks_text = source.full_text and not entry.body_html
    return entry.url is not None and (not entry.lead or not entry.images or lacks_text)


def page_request(entry: ParsedEntry) -> Request | None:
    """Return the request for the article's page; None for an entry without a link."""
    return Request(entry.url, headers={"accept": "text/html, */*;q=0.5"}) if entry.url else None


def complete_entry(
    entry: ParsedEntry, response: Response, source: ArticleSource, now: datetime
) -> ParsedEntry:
    """Return the entry with missing parts taken from its page.

    Raises:
        UpstreamError: when the page is no article.
    """
    markup = decoding.decode(response.body, response.headers.get("content-type", ""), source.charset)
    if not _HTML.search(markup):
        raise unreadable(f"This is {describe(markup)}, not the page of an article.")
    tree = parse_html(markup)
    context = ParseContext(source, now, base_url(tree, response.url))
    crumbs = breadcrumbs.read(tree, context)
    titles, page = _extract(tree, context, entry.title)
    title = best_title("", titles)
    if _ERROR_TITLE.fullmatch(title) or not (title or (entry.title and page.body_html)):
        raise unreadable(f"This is {describe(markup)}, not the page of an article.")
    requested, received = urlsplit(entry.url or ""), urlsplit(response.url)
    if requested.path.strip("/") and not received.path.strip("/") and not received.query:
        raise unreadable("The article's address leads to the front page.")  # by a redirect
    is_page_source = source.kind == "page"  # whose listing was guessed, as the page is
    listed_title = best_title(entry.title, titles) if is_page_source else entry.title
    text = page.body_html and plain_text.remove_controls(page.body_html)
    return replace(
        entry,
        title=listed_title or title,
        lead=_longer_lead(entry.lead, page.lead),
        published=_finer_date(entry.published, page.published),
        author=entry.author or page.author,
        organisation=entry.organisation or _organisation(entry.author, page),
        images=_order_images(entry.images, page.images, page_first=is_page_source),
        body_html=(entry.body_html or text) if source.full_text else entry.body_html,
        categories=entry.categories
        or page.categories
        or breadcrumbs.sections(crumbs, [entry.title, *titles], response.url, source.name),
    )


def _extract(tree: LexborHTMLParser, context: ParseContext, listed: str) -> tuple[list[str], Extracted]:
    """Return the titles that each way finds, best first, and the parts of all ways together."""
    structured = json_ld.extract(tree, context)
    tree.strip_tags(["script", "style", "template", "noscript"])
    meta = meta_tags.extract(tree, context)
    selected = css_selectors.extract(tree, context)
    guessed = heuristics.extract(tree, context, listed or structured.title)
    titles = [way.title for way in (structured, meta, selected, guessed)]
    text = f"{' '.join(titles)} {(guessed.body_html or '')[:_MAX_COMPARED]}"
    head = structured.or_else(replace(meta, lead=_own_description(meta.lead, text)))
    if head.author and head.organisation and fold(head.author) == fold(head.organisation):
        head = replace(head, author=None)  # a portal that names itself: the author may be in the text
    return titles, head.or_else(selected).or_else(guessed)


def _own_description(description: str, article: str) -> str:
    """Return the description in the page's head, or "" for that of the whole site."""
    own_words, article_words = words(description), words(article)
    pairs = set(pairwise(own_words))
    if not pairs or len(article_words) < len(own_words):
        return description
    shared = len(pairs & set(pairwise(article_words)))
    return description if shared >= _MIN_SHARED * len(pairs) else ""


def _longer_lead(listed: str, page: str) -> str:
    """Return the listing's lead, unless it is missing, or was cut and the page has more of it."""
    is_cut = listed.rstrip().endswith(("…", "..."))
    return page if not listed or (is_cut and fold(page).startswith(fold(listed))) else listed


def _finer_date(listed: Published | None, page: Published | None) -> Published | None:
    """Return the listing's date, to which the page may add the time of the same day."""
    if listed is None or page is None:
        return listed or page
    adds_time = listed.date_only and not page.date_only and page.at.date() == listed.at.date()
    return page if adds_time else listed


def _organisation(author: str | None, page: Extracted) -> str | None:
    """Return the page's organisation, unless it belongs to another author than the listing's."""
    is_other = author and page.author and fold(author) != fold(page.author)
    return None if is_other else page.organisation


def _order_images(
    listed: tuple[ImageCandidate, ...], page: tuple[ImageCandidate, ...], *, page_first: bool
) -> tuple[ImageCandidate, ...]:
    width = listed[0].width if listed else None
    page_first = page_first or (width is not None and width < _SMALL_WIDTH)
    return merge_images((*page, *listed) if page_first else (*listed, *page))
