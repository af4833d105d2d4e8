"""Completing a draft from the article's own page.

JSON-LD and OpenGraph come first, then the configured selectors, then the page's own structure.
"""

import re
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract import css_selectors, json_ld, layout, meta_tags
from service.articles.extract.found import Extracted, joined
from service.articles.extract.titles import chosen
from service.articles.model import ImageCandidate, ParsedEntry, Published
from service.articles.sources.context import ParseContext
from service.articles.sources.messages import described, unreadable
from service.articles.text import decoding, unicode
from service.articles.text.html_tree import base_url, parse_html
from service.core.folding import fold, words
from service.core.ports import Answer, Request
from service.settings.model import ArticleSource

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|table|article|section|h\d)\b", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"(?:error\s*)?(?:40[0-9]|410|50[0-9])\b.{0,40}|(?:page |trang |bài viết )?not found"
    r"|(?:trang |bài viết )?(?:không tìm thấy|không tồn tại)"
    r"|.{0,30}(?:không tìm thấy trang|trang (?:này )?không tồn tại|page not found).{0,30}"
    r"|just a moment.{0,3}|attention required!.{0,40}|access denied|forbidden|bad gateway"
    r"|service unavailable|(?:internal )?server error.{0,40}|runtime error|are you a robot.{0,3}"
    r"|site (?:is )?under maintenance|bảo trì hệ thống",
    re.IGNORECASE,
)
_LOOKED_AT = 100_000  # characters of a text that its description is compared with
_SMALL = 300  # pixels across; a listing's picture up to here gives way to the page's
_OWN = 0.2  # of a description's word pairs that its article shares; the site's own description shares none


def is_wanted(draft: ParsedEntry, source: ArticleSource) -> bool:
    """Whether a lead, a picture, or the whole text that may be shown is missing and there is a page."""
    lacks_text = source.full_text and not draft.body_html
    return draft.url is not None and (not draft.lead or not draft.images or lacks_text)


def request(draft: ParsedEntry) -> Request | None:
    """The article's own page; None for an article without a link."""
    return Request(draft.url, headers={"accept": "text/html, */*;q=0.5"}) if draft.url else None


def completed(draft: ParsedEntry, answer: Answer, source: ArticleSource, now: datetime) -> ParsedEntry:
    """The draft with what was missing, as the page tells it.

    Raises:
        UpstreamError: when the page is no article.
    """
    markup = decoding.decode(answer.body, answer.headers.get("content-type", ""), source.charset)
    if not _MARKUP.search(markup):
        raise unreadable(f"This is {described(markup)}, not the page of an article.")
    tree = parse_html(markup)
    at = ParseContext(source, now, base_url(tree, answer.url))
    titles, found = found_in(tree, at, draft.title)
    title = chosen("", titles)
    if _NO_ARTICLE.fullmatch(title) or not (title or (draft.title and found.body_html)):
        raise unreadable(f"This is {described(markup)}, not the page of an article.")
    _refuse_the_front_page(answer, draft)
    from_listing = draft.title if source.kind != "page" else chosen(draft.title, titles)
    return replace(
        draft,
        title=from_listing or title,
        lead=_whole(draft.lead, found.lead),
        published=_finer(draft.published, found.published),
        author=draft.author or found.author,
        organisation=draft.organisation or _of_the_same(draft.author, found),
        images=_best_first(draft.images, found.pictures, listed=source.kind == "page"),
        body_html=(draft.body_html or _sound(found.body_html)) if source.full_text else draft.body_html,
    )


def _sound(markup: str | None) -> str | None:
    return unicode.remove_controls(markup) if markup else markup


def found_in(tree: LexborHTMLParser, at: ParseContext, listed: str = "") -> tuple[list[str], Extracted]:
    """The titles that the ways of looking found, best first, and everything that they found together."""
    structured = json_ld.article_in(tree, at)
    tree.strip_tags(["script", "style", "template", "noscript"])
    shared = meta_tags.article_in(tree, at)
    selected = css_selectors.article_in(tree, at)
    shown = layout.article_in(tree, at, listed or structured.title)
    titles = [way.title for way in (structured, shared, selected, shown)]
    shared = replace(
        shared, lead=_own_lead(shared.lead, f"{' '.join(titles)} {(shown.body_html or '')[:_LOOKED_AT]}")
    )
    told = structured.or_else(shared)
    return titles, _without_house_name(told).or_else(selected).or_else(shown)


def _without_house_name(found: Extracted) -> Extracted:
    """A portal that names itself as the author leaves the author to be found in the text."""
    same = found.author and found.organisation and fold(found.author) == fold(found.organisation)
    return replace(found, author=None) if same else found


def _of_the_same(author: str | None, found: Extracted) -> str | None:
    """The page's organisation, unless it stands beside another author than the listing names."""
    other = author and found.author and fold(author) != fold(found.author)
    return None if other else found.organisation


def _refuse_the_front_page(answer: Answer, draft: ParsedEntry) -> None:
    asked, came = urlsplit(draft.url or "").path, urlsplit(answer.url).path
    if asked.strip("/") and not came.strip("/") and not urlsplit(answer.url).query:
        raise unreadable("The article's address leads to the front page.")


def _own_lead(lead: str, article: str) -> str:
    """The description in the page's head, unless it is the site's and says nothing of this article."""
    said = words(lead)
    pairs, known = set(pairwise(said)), words(article)
    if not pairs or len(known) < len(said):
        return lead
    return lead if len(pairs & set(pairwise(known))) >= _OWN * len(pairs) else ""


def _whole(listed: str, shown: str) -> str:
    """The listing's lead, unless it was cut there and the page has more of it."""
    is_cut = listed.rstrip().endswith(("…", "..."))
    return shown if not listed or (is_cut and fold(shown).startswith(fold(listed))) else listed


def _finer(listed: Published | None, shown: Published | None) -> Published | None:
    """The listing's date; the page may add the time of that day."""
    if listed is None:
        return shown
    adds_time = listed.date_only and shown is not None and not shown.date_only
    return shown if adds_time and shown and shown.at.date() == listed.at.date() else listed


def _best_first(
    told: tuple[ImageCandidate, ...], shown: tuple[ImageCandidate, ...], *, listed: bool
) -> tuple[ImageCandidate, ...]:
    width = told[0].width if told else None
    told_small = listed or (width is not None and width < _SMALL)
    return joined((*shown, *told) if told_small else (*told, *shown))
