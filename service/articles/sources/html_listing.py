"""Sources without a feed: a listing page and the articles' own pages.

Each article of the listing is a card: the link with its title, and date, lead and image beside it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import article_page, css_selectors, json_ld
from service.articles.extract.context import ParseContext
from service.articles.extract.titles import best_title, only_date, read_headline
from service.articles.listing_order import newest
from service.articles.model import ImageCandidate, Listing, ParsedEntry, Published
from service.articles.sources.error_messages import describe, unreadable
from service.articles.sources.listing_links import find_article_links, find_title_node, title_rank
from service.articles.text import decoding, image_links, plain_text, sanitise, urls
from service.articles.text.html_tree import (
    ancestors,
    base_url,
    contains,
    outer_html,
    parse_page,
    select,
    text_of,
)
from service.core.folding import fold
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

_FEED = re.compile(r"(?:<(?:\?|!--)[^>]*+>\s*+)*+<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE)
_MAX_ENTRIES = 200  # of one listing, the newest

_BLOCKS = "p, div, td, li, h1, h2, h3, h4, h5, a, dd, ul, table"
_EDGES = frozenset({*_BLOCKS.split(", "), "br"})
_MIN_LEAD = 40  # characters
_MIN_ALIKE = 3  # entries with the same lead or picture
_MAX_DATE_LINE = 60  # characters of a text with a date that is no sentence
_MAX_DATE_LABEL = 20  # characters before a date
_SENTENCE_ENDS = (".", "!", "?", "…")
_MAX_LAST_FOLLOWERS = 2  # elements after the last card that may be its own; more are the end of the page
_SHARED = "\0"  # no URL
_MAX_COMPARED = 3_000  # characters of a text, ten times the longest title
_MAX_TEXTS = 300  # of one card
_MAX_CARD = 40_000  # characters of markup; a larger element is the page


@dataclass(frozen=True, slots=True)
class HtmlListing:
    """Parser for sources of kind `page`."""

    source: ArticleSource

    def listing_request(self) -> Request:
        """Return the request for the listing page."""
        return Request(self.source.url, headers={"accept": "text/html, */*;q=0.5"})

    def read_listing(self, response: Response, now: datetime) -> Listing:
        """Return the articles that the page lists, in its order.

        Raises:
            UpstreamError: when there is none, or a selector is not CSS.
        """
        markup = self._decode(response)
        if "<" not in markup:
            raise unreadable(f"This is {describe(markup)}, not a page.")
        tree = parse_page(markup)
        context = ParseContext(self.source, now, base_url(tree, response.url))
        structured = list(_json_ld_entries(tree, context))
        tree.strip_tags(["script", "style", "template", "noscript"])
        context = context.with_order_of([text_of(tree.body)] if tree.body is not None else [])
        entries = _merge(_cards(tree, context), structured)
        if not entries:
            raise unreadable(_describe_failure(markup, self.source.selectors.links))
        return Listing(tuple(newest(entries, [entry.published for entry in entries], _MAX_ENTRIES)))

    def wants_page(self, entry: ParsedEntry) -> bool:
        """Return whether there is a page: listings show only a part of each article."""
        return entry.url is not None

    def page_request(self, entry: ParsedEntry) -> Request | None:
        return article_page.page_request(entry)

    def read_page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        return article_page.complete_entry(entry, response, self.source, now)

    def unmatched_selectors(self, response: Response) -> list[str]:
        """Return the configured selectors that match nothing on the page of an article.

        Raises:
            UpstreamError: when the page cannot be parsed, or a selector is not CSS.
        """
        return css_selectors.unmatched_selectors(parse_page(self._decode(response)), self.source.selectors)

    def _decode(self, response: Response) -> str:
        return decoding.decode(response.body, response.headers.get("content-type", ""), self.source.charset)


def _describe_failure(markup: str, selector: str) -> str:
    if _FEED.match(markup.lstrip("\ufeff \t\r\n")):
        return 'This is a feed; read it with kind = "feed".'
    if selector:
        return f"The selector “{selector}” finds no link to an article; this is {describe(markup)}."
    return f"No list of articles was found; this is {describe(markup)}. Name its links with `links`."


def _json_ld_entries(tree: LexborHTMLParser, context: ParseContext) -> Iterator[ParsedEntry]:
    """Yield the entries of the page's own list in JSON-LD (schema.org ItemList)."""
    for thing in json_ld.find_objects(tree):
        if "itemListElement" in thing and not json_ld.has_type(thing, json_ld.BREADCRUMBS):
            for element in json_ld.as_list(thing["itemListElement"], 2 * _MAX_ENTRIES):
                yield from _json_ld_entry(element, context)


def _json_ld_entry(element: object, context: ParseContext) -> Iterator[ParsedEntry]:
    if not isinstance(element, dict):
        return
    item = element.get("item")
    thing = {**element, **item} if isinstance(item, dict) else {**element, "url": element.get("url") or item}
    title = plain_text.title(json_ld.first_text(thing, "headline", "name"))
    url = context.absolute_url(json_ld.first_text(thing, "url", "@id"))
    if url and title:
        yield ParsedEntry(
            key=urls.canonical_url(url),
            title=title,
            url=url,
            published=context.parse_date(json_ld.first_text(thing, "datePublished")),
            lead=plain_text.snippet(lead := plain_text.whole_lead(json_ld.first_text(thing, "description"))),
            whole_lead=lead,
            images=json_ld.images_of(thing, {}, context),
            language=context.source.language or None,
        )


def _merge(cards: Sequence[ParsedEntry], structured: Sequence[ParsedEntry]) -> list[ParsedEntry]:
    """Return each article once, its JSON-LD completed by its card; cards come first."""
    structured = _without_site_values(structured)
    by_key = {entry.key: entry for entry in reversed(structured)}
    merged: dict[str, ParsedEntry] = {}
    for entry in (*cards, *structured):
        merged.setdefault(entry.key, _complete(by_key.get(entry.key), entry))
    return [entry for entry in merged.values() if entry.title]


def _without_site_values(structured: Sequence[ParsedEntry]) -> list[ParsedEntry]:
    """Leave out pictures and leads that JSON-LD gives to three articles or more: they are the site's."""
    pictures = Counter(image.url for entry in structured for image in entry.images)
    leads = Counter(entry.lead for entry in structured)
    return [
        replace(
            entry,
            images=tuple(image for image in entry.images if pictures[image.url] < _MIN_ALIKE),
            lead=entry.lead if leads[entry.lead] < _MIN_ALIKE else "",
            whole_lead=entry.whole_lead if leads[entry.lead] < _MIN_ALIKE else "",
        )
        for entry in structured
    ]


def _complete(structured: ParsedEntry | None, card: ParsedEntry) -> ParsedEntry:
    if structured is None:
        return card
    return replace(
        structured,
        published=structured.published or card.published,
        lead=structured.lead or card.lead,
        whole_lead=structured.whole_lead or card.whole_lead,
        images=structured.images or card.images,
    )


def _cards(tree: LexborHTMLParser, context: ParseContext) -> list[ParsedEntry]:
    """Return one entry for each URL, in the page's order."""
    selector = context.source.selectors.links
    if selector:
        nodes = select(tree, selector)[: 4 * _MAX_ENTRIES]
        anchors = [
            anchor
            for node in nodes
            if (anchor := _anchor(node)) is not None and context.absolute_url(anchor.attributes.get("href"))
        ]
    else:
        anchors = find_article_links(tree, context)[: 2 * _MAX_ENTRIES]
    keys = {
        anchor.mem_id: urls.canonical_url(context.absolute_url(anchor.attributes.get("href")) or "")
        for anchor in anchors
    }
    titled: dict[str, LexborNode] = {}
    for anchor in anchors:
        known = titled.get(keys[anchor.mem_id])
        if known is None or title_rank(anchor, context) > title_rank(known, context):
            titled[keys[anchor.mem_id]] = anchor
    owners = _owners(anchors, keys)
    cards = (_card(anchor, key, owners, context) for key, anchor in titled.items())
    return [card for card in cards if card]


def _anchor(node: LexborNode) -> LexborNode | None:
    """Return the link that a selected element is, contains (of several the longest), or is part of."""
    if node.tag == "a":
        return node
    around = next((one for one in ancestors(node) if one.tag == "a"), None)
    return max(node.css("a[href]"), key=lambda link: len(text_of(link)), default=around)


def _owners(anchors: Sequence[LexborNode], keys: Mapping[int, str]) -> dict[int, str]:
    """Return which article every element with links belongs to, by `mem_id`: its key or _SHARED.

    Computed once: looking through an element for each of its links is quadratic.
    """
    owners: dict[int, str] = {}
    for anchor in anchors:
        key = keys[anchor.mem_id]
        for node in (anchor, *ancestors(anchor)):
            known = owners.get(node.mem_id)
            if known == _SHARED:
                break  # and so is everything around it
            owners[node.mem_id] = key if known in (None, key) else _SHARED
    return owners


def _card(
    anchor: LexborNode, key: str, owners: Mapping[int, str], context: ParseContext
) -> ParsedEntry | None:
    """Return the entry of the article whose title this link has."""
    url = context.absolute_url(anchor.attributes.get("href"))
    if url is None:
        return None
    headline = read_headline(find_title_node(anchor, context), context)
    parts = _card_parts(anchor, key, owners)
    title = best_title(headline.text, [plain_text.title(anchor.attributes.get("title") or "")])
    images: list[ImageCandidate] = []
    for part in parts:
        images += sanitise.images_in(outer_html(part), context.base)
    backgrounds = () if images else (context.image(image_links.background_of(part)) for part in parts)
    images += filter(None, backgrounds)
    return ParsedEntry(
        key=key,
        title=title,
        url=url,
        published=headline.published or _date(parts, title, context),
        lead=plain_text.snippet(lead := _lead(parts, title, context)),
        whole_lead=lead,
        images=tuple(images),
        language=context.source.language or None,
    )


def _card_parts(anchor: LexborNode, key: str, owners: Mapping[int, str]) -> list[LexborNode]:
    """Return the largest element with links to this article only, and what follows it up to the next card."""
    card = anchor
    while card.parent is not None and card.parent.tag not in ("body", "html"):
        if _holds_others(card.parent, key, owners):
            break
        card = card.parent
    if len(outer_html(card)) > _MAX_CARD:
        return [anchor]
    return [card, *_followers(card, key, owners)]


def _followers(card: LexborNode, key: str, owners: Mapping[int, str]) -> list[LexborNode]:
    """Return the rows or terms that belong to the card before them.

    After the last card, more than two elements are the end of the page: then the list is empty.
    """
    followers: list[LexborNode] = []
    sibling = card.next
    while sibling is not None:
        if sibling.is_element_node:
            if _holds_others(sibling, key, owners):
                return followers
            followers.append(sibling)
        sibling = sibling.next
    return followers if len(followers) <= _MAX_LAST_FOLLOWERS else []


def _holds_others(node: LexborNode, key: str, owners: Mapping[int, str]) -> bool:
    return owners.get(node.mem_id, key) != key


def _date(parts: Sequence[LexborNode], title: str, context: ParseContext) -> Published | None:
    """Return the date of a `time` element, else the first outside the title that is no part of a sentence."""
    for part in parts:
        for node in part.css("time[datetime]"):
            published = context.parse_date(node.attributes.get("datetime") or "")
            if published:
                return published
    folded = fold(title)
    for text in _texts(parts):
        found = None if fold(text[:_MAX_COMPARED]) in folded else context.find_date(text)
        if found and _is_set_apart(text, *found[1]):
            return found[0]
    return None


def _is_set_apart(text: str, start: int, end: int) -> bool:
    """Return whether the date at this place stands apart from the rest: a sentence tells of another day."""
    if len(text) <= _MAX_DATE_LINE and not text.endswith(_SENTENCE_ENDS):
        return True
    before, behind = text[:start].rstrip(), text[end:].strip()
    is_first = len(before) <= _MAX_DATE_LABEL and behind[:1] in ("-", "\u2013", "\u2014", "|", ")", "]", ":")
    return is_first or (before.endswith(("(", "[", "|", "-", "\u2013")) and len(behind) <= 1)


def _lead(parts: Sequence[LexborNode], title: str, context: ParseContext) -> str:
    """Return the longest text beside the title that is neither the title nor a date."""
    folded = fold(title)
    longest = ""
    for text in _texts(parts):
        if len(text) < _MIN_LEAD or len(text) <= len(longest):
            continue
        if not only_date(text, context):
            folded_text = fold(text[:_MAX_COMPARED])
            if folded not in folded_text and folded_text not in folded:
                longest = text
    return plain_text.whole_lead(escape(longest))


def _texts(parts: Sequence[LexborNode]) -> list[str]:
    """Return the text of every innermost block, each once: a date may be spread over inline elements."""
    return list(islice(dict.fromkeys(_all_texts(parts)), _MAX_TEXTS))


def _all_texts(parts: Sequence[LexborNode]) -> Iterator[str]:
    for part in parts:
        for node in part.css("*"):
            if not contains(node, _BLOCKS):
                yield from filter(None, [text_of(node)])
            elif any(
                child.is_text_node and not child.is_empty_text_node for child in node.iter(include_text=True)
            ):
                yield from _between_blocks(node)


def _between_blocks(node: LexborNode) -> Iterator[str]:
    """Yield the texts of an element that stand beside and between the blocks, breaks and links in it."""
    run: list[str] = []
    for child in node.iter(include_text=True):
        if child.is_text_node:
            run.append(child.text_content or "")
        elif child.is_element_node and (child.tag in _EDGES or contains(child, _BLOCKS)):
            yield from filter(None, [" ".join(" ".join(run).split())])
            run = []
        elif child.is_element_node:
            run.append(text_of(child))
    yield from filter(None, [" ".join(" ".join(run).split())])
