"""Reading a portal's listing page: which links lead to articles, and what stands beside them."""

import re
from collections.abc import Iterator
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import json_ld
from service.articles.model import Listing, ParsedEntry
from service.articles.sources.context import ParseContext
from service.articles.sources.listing_card import Card, cards_of
from service.articles.sources.listing_links import article_links
from service.articles.sources.messages import described, unreadable
from service.articles.text import plain_text, urls
from service.articles.text.html_tree import ancestors, base_url, parse_html, select, text_of

_FEED = re.compile(r"(?:<(?:\?|!--)[^>]*+>\s*+)*+<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE)
_MOST = 200  # articles of one listing that are read


def listing(markup: str, at: ParseContext) -> Listing:
    """The articles that the page lists, in its order.

    Raises:
        UpstreamError: when no article is found on it.
    """
    if "<" not in markup:
        raise unreadable(f"This is {described(markup)}, not a page.")
    tree = parse_html(markup)
    at = replace(at, base=base_url(tree, at.base))
    structured = list(_item_list(tree, at))
    tree.strip_tags(["script", "style", "template", "noscript"])
    drafts = _merged([*(_draft(card, at) for card in _cards(tree, at)), *structured], structured)
    if not drafts:
        raise unreadable(_nothing_found(markup, at.source.selectors.links))
    return Listing(tuple(drafts[:_MOST]))


def _cards(tree: LexborHTMLParser, at: ParseContext) -> list[Card]:
    selector = at.source.selectors.links
    if not selector:
        return cards_of(article_links(tree, at)[: 2 * _MOST], at)
    anchors = filter(None, map(_anchor, select(tree, selector)[: 4 * _MOST]))
    return cards_of([anchor for anchor in anchors if at.link(anchor.attributes.get("href"))], at)


def _anchor(node: LexborNode) -> LexborNode | None:
    """The link that a selected element is, is a part of, or holds; of several, the one with most to read."""
    if node.tag == "a":
        return node
    around = next((one for one in ancestors(node) if one.tag == "a"), None)
    return max(node.css("a[href]"), key=lambda link: len(text_of(link)), default=around)


def _draft(card: Card, at: ParseContext) -> ParsedEntry:
    return ParsedEntry(
        key=urls.canonical_url(card.url),
        title=card.title,
        url=card.url,
        published=card.published,
        lead=card.lead,
        images=card.pictures,
        language=at.source.language or None,
    )


def _item_list(tree: LexborHTMLParser, at: ParseContext) -> Iterator[ParsedEntry]:
    """The page's own list in JSON-LD (schema.org ItemList)."""
    for thing in json_ld.things_in(tree):
        if "itemListElement" in thing and not json_ld.is_a(thing, json_ld.BREADCRUMBS):
            for element in json_ld.as_list(thing["itemListElement"], 2 * _MOST):
                yield from _listed(element, at)


def _listed(element: object, at: ParseContext) -> Iterator[ParsedEntry]:
    if not isinstance(element, dict):
        return
    item = element.get("item")
    thing = {**element, **item} if isinstance(item, dict) else {**element, "url": element.get("url") or item}
    title = plain_text.title(json_ld.first_text(thing, "headline", "name"))
    url = at.link(json_ld.first_text(thing, "url", "@id"))
    if url and title:
        yield ParsedEntry(
            key=urls.canonical_url(url),
            title=title,
            url=url,
            published=at.date(json_ld.first_text(thing, "datePublished")),
            lead=plain_text.lead(json_ld.first_text(thing, "description")),
            images=json_ld.pictures_of(thing, {}, at),
            language=at.source.language or None,
        )


def _merged(drafts: list[ParsedEntry], structured: list[ParsedEntry]) -> list[ParsedEntry]:
    """Each article once; what the page says in its data comes before what it shows."""
    told = {draft.key: draft for draft in reversed(structured)}
    merged: dict[str, ParsedEntry] = {}
    for draft in drafts:
        merged.setdefault(draft.key, _completed(told.get(draft.key), draft))
    return [draft for draft in merged.values() if draft.title]


def _completed(told: ParsedEntry | None, shown: ParsedEntry) -> ParsedEntry:
    if told is None:
        return shown
    return replace(
        told,
        published=told.published or shown.published,
        lead=told.lead or shown.lead,
        images=told.images or shown.images,
    )


def _nothing_found(markup: str, selector: str) -> str:
    if _FEED.match(markup.lstrip("\ufeff \t\r\n")):
        return 'This is a feed; read it with kind = "feed".'
    if selector:
        return f"The selector “{selector}” finds no link to an article; this is {described(markup)}."
    return f"No list of articles was found; this is {described(markup)}. Name its links with `links`."
