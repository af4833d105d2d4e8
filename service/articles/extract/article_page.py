"""Complete a parsed entry from the article's own page.

What the configured selectors find comes first, then the listing, JSON-LD, meta tags, and heuristics. Author
and organisation come from one of them together.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract import breadcrumbs, css_selectors, heuristics, json_ld, leads, meta_tags
from service.articles.extract.context import Extracted, ParseContext, join_bylines, merge_images
from service.articles.extract.titles import best_title, document_titles, uncut_title
from service.articles.model import Declared, ImageCandidate, ParsedEntry, Published, lead_digest
from service.articles.sources.error_messages import describe, unreadable
from service.articles.text import decoding, plain_text, sanitise
from service.articles.text.bylines import Byline
from service.articles.text.html_tree import base_url, outer_html, parse_page
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
_SITE = re.compile(  # the beginning of what a portal says of itself
    r"(?:chào mừng .{0,40})?(?:đây là )?(?:cổng|trang|website|chuyên trang|báo|tạp chí)"
    r" ?(?:thông tin|tt|ttđt|tin|web|điện tử|chủ|chính thức|của)",
    re.IGNORECASE,
)
_PARTS = frozenset({"body", "html", "td", "th", "tr", "tbody", "li", "dd", "dt"})
_MAX_COMPARED = 100_000  # characters of the text that the description is compared with
_SMALL_WIDTH = 300  # pixels; a listing's image up to here comes after the page's images
_MAX_RECENT = timedelta(days=30)  # before today, when a date in the head of a page is likely to be right
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
    tree = parse_page(markup)
    context = ParseContext(source, now, base_url(tree, response.url))
    crumbs = breadcrumbs.read(tree, context)
    page = _extract(tree, context, entry.title)
    title = page.title
    if _ERROR_TITLE.fullmatch(title) or not (title or (entry.title and page.guessed.text)):
        raise unreadable(f"This is {describe(markup)}, not the page of an article.")
    requested, received = urlsplit(entry.url or ""), urlsplit(response.url)
    if requested.path.strip("/") and not received.path.strip("/") and not received.query:
        raise unreadable("The article's address leads to the front page.")  # by a redirect
    sections = breadcrumbs.sections(crumbs, [entry.title, *page.titles], response.url, source.name)
    entry = replace(entry, categories=entry.categories or page.head.categories or sections)
    complete = _complete(entry, page, context)
    bare = _complete(entry.undeclared or entry, replace(page, head=Extracted()), context)
    declared = _declared(complete, bare, page, entry.declared or Declared())
    if entry.published is None and _is_clock(declared, page, context.now):
        declared = replace(declared, shown=None)
    return replace(complete, declared=declared, undeclared=bare)


@dataclass(frozen=True, slots=True)
class _Page:
    """What each way of reading a page finds: by selectors, in its head, by its layout.

    Attributes:
        titles: of JSON-LD, meta tags, headline and document, best first.
        declared_lead: the description in the head, whether it is the article's own or not.
    """

    selected: css_selectors.Selected
    head: Extracted
    guessed: heuristics.Guess
    titles: tuple[str, ...]
    declared_lead: str

    @property
    def title(self) -> str:
        return best_title("", [self.selected.parts.title, *self.titles])


def _extract(tree: LexborHTMLParser, context: ParseContext, listed: str) -> _Page:
    structured = json_ld.extract(tree, context)
    tree.strip_tags(["script", "style", "template", "noscript"])
    meta = meta_tags.extract(tree, context)
    selected = css_selectors.extract(tree, context)
    if selected.lead is not None:
        leads.mark(selected.lead)
    expected = selected.parts.title or listed or structured.title
    guessed = heuristics.extract(tree, context, expected, selected.text)
    titles = (structured.title, meta.title, guessed.parts.title, *document_titles(tree))
    text = " ".join((*titles[:3], *(block.text(separator=" ")[:_MAX_COMPARED] for block in guessed.text)))
    head = structured.or_else(replace(meta, lead=_own_description(meta.lead, text)))
    if head.lead and fold(head.lead) in {fold(title) for title in (*titles, expected)}:
        head = replace(head, lead="")
    if head.author and head.organisation and fold(head.author) == fold(head.organisation):
        head = replace(head, author=None)  # a portal that names itself: the author may be in the text
    titles = titles[:3] if any(titles[:3]) else titles[3:4]
    return _Page(selected, head, guessed, titles, structured.lead or meta.lead)


def _complete(entry: ParsedEntry, page: _Page, context: ParseContext) -> ParsedEntry:
    """Return the entry with what its page has."""
    source, selected = context.source, page.selected.parts
    is_page_source = source.kind == "page"  # whose listing was guessed, as the page is
    author, organisation = _byline(entry, page)
    lead = _lead(entry, page)
    leads.remove_marked(page.guessed.text, lead)
    markup = _markup(page.guessed)
    in_text = sanitise.images_in(markup, context.base) if markup else ()
    takes_text = source.full_text and not entry.body_html
    return replace(
        entry,
        title=_title(entry.title, page, is_page_source=is_page_source),
        lead=plain_text.snippet(lead),
        whole_lead=lead if _is_told(lead, entry, page) else "",
        published=_published(entry, page),
        author=author,
        organisation=organisation,
        images=merge_images(
            (
                *selected.images,
                *_order_images(entry.images, (*page.head.images, *in_text), page_first=is_page_source),
            )
        ),
        body_html=markup if takes_text else entry.body_html,
        body_base=context.base if takes_text else entry.body_base,
    )


def _declared(complete: ParsedEntry, bare: ParsedEntry, page: _Page, listed: Declared) -> Declared:
    """Return what the head declares, and what of it is used although page and listing have it not.

    `listed` is what the listing declares for it.
    """
    lead, published = page.declared_lead, page.head.published
    image = next((one.url for one in page.head.images), listed.image)
    images = {one.url for one in bare.images}
    is_other_day = (
        complete.published is not None
        and bare.published is not None
        and complete.published.at.date() != bare.published.at.date()
    )
    return Declared(
        lead=lead_digest(plain_text.snippet(lead)),
        image=image,
        day=published.at.date() if published else None,
        lead_is_alone=complete.lead != bare.lead,
        image_is_alone=bool(image) and image not in images,
        shown=bare.published if is_other_day else None,
    )


def _is_clock(declared: Declared, page: _Page, now: datetime) -> bool:
    """Return whether the date that the page shows may be today's in its header, and not the article's."""
    shown = declared.shown
    if shown is None or declared.day is None or page.selected.parts.published is not None:
        return False
    today = now.astimezone(shown.at.tzinfo).date()
    return shown.at.date() == today and abs(today - declared.day) <= _MAX_RECENT


def _title(listed: str, page: _Page, *, is_page_source: bool) -> str:
    if page.selected.parts.title:
        return uncut_title(page.selected.parts.title, (listed, *page.titles))
    if not listed:
        return page.title
    return best_title(listed, page.titles) if is_page_source else uncut_title(listed, page.titles)


def _lead(entry: ParsedEntry, page: _Page) -> str:
    """Return the whole lead, or where none is told the first paragraph of the text."""
    told = (
        page.selected.parts.lead, entry.whole_lead or entry.lead, page.head.lead, page.guessed.lead,
        page.guessed.parts.lead,
    )  # fmt: skip
    lead = next(filter(None, told), "")
    return leads.whole(leads.whole(lead, told[:-1]), told)


def _is_told(lead: str, entry: ParsedEntry, page: _Page) -> bool:
    """Return whether it is a lead, and not the first paragraph of the text."""
    told = (page.selected.parts.lead, entry.whole_lead, page.head.lead, page.guessed.lead)
    return bool(lead) and lead in told


def _published(entry: ParsedEntry, page: _Page) -> Published | None:
    """Return the first date that is told, with the time of the same day from another one."""
    dates = [
        page.selected.parts.published,
        entry.published,
        page.head.published,
        page.guessed.parts.published,
    ]
    first = next(filter(None, dates), None)
    if first is None or not first.date_only:
        return first
    timed = (date for date in dates if date and not date.date_only and date.at.date() == first.at.date())
    return next(timed, first)


def _byline(entry: ParsedEntry, page: _Page) -> Byline:
    """Return author and organisation; what the selectors find gives way to nothing.

    An organisation alone in the head, mostly the portal's own, gives way to what signs the text.
    """
    head, signing = page.head.byline, page.guessed.parts.byline
    on_page = join_bylines(head, signing) if head[0] or not any(signing) else signing
    shown = join_bylines((entry.author, entry.organisation), on_page)
    selected = page.selected.parts.byline
    return join_bylines(selected, shown) if selected[0] or not selected[1] else selected


def _markup(guessed: heuristics.Guess) -> str | None:
    """Return the markup of the text; that of parts of tables and lists without their own tags."""
    parts = [
        f"<div>{block.inner_html or ''}</div>" if block.tag in _PARTS else outer_html(block)
        for block in guessed.text
    ]
    return plain_text.remove_controls("\n".join((*guessed.pictures, *parts, *guessed.documents))) or None


def _own_description(description: str, article: str) -> str:
    """Return the description in the page's head, or "" for that of the whole site."""
    own_words, article_words = words(description), words(article)
    pairs = set(pairwise(own_words))
    if not pairs or (len(article_words) < len(own_words) and not _SITE.match(description)):
        return description
    shared = len(pairs & set(pairwise(article_words)))
    return description if shared >= _MIN_SHARED * len(pairs) else ""


def _order_images(
    listed: tuple[ImageCandidate, ...], page: tuple[ImageCandidate, ...], *, page_first: bool
) -> tuple[ImageCandidate, ...]:
    width = listed[0].width if listed else None
    page_first = page_first or (width is not None and width < _SMALL_WIDTH)
    return merge_images((*page, *listed) if page_first else (*listed, *page))
