"""Reading an article from how its page is laid out: the last resort, and all that old portals offer.

The headline is found first; the date stands near it, the text below, and the author's line at its end.
"""

from collections.abc import Iterator
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.domain.articles import Published
from service.sources import author_line, body, boilerplate, publication_date, text
from service.sources.found import Found
from service.sources.headline import Headline, headline_of
from service.sources.html_tree import ancestors, holds, markup_of
from service.sources.main_text import asides_of, block_of, is_beside
from service.sources.standpoint import Standpoint
from service.sources.text_lengths import measured

_LEADS = (
    ".sapo",
    ".lead",
    ".lede",
    '[itemprop="description"]',
    '[class*="sapo" i]',
    '[class*="trich" i]',
    '[class*="tomtat" i]',
    '[class*="hometext" i]',
    '[class*="standfirst" i]',
)
_CAPTION = 400  # characters of a table around a picture, at the most
_MARKED = 20  # elements with one mark that are looked at
_PARAGRAPH = 40  # characters from which a paragraph may be the lead


def article_in(tree: LexborHTMLParser, at: Standpoint, listed: str) -> Found:
    """The article as the page shows it; `listed` is the title in the listing, empty where it is not known.

    The tree is changed: what is none of the text is taken out of it.
    """
    lengths = measured(tree.body)
    asides = asides_of(tree, lengths)
    headline = headline_of(tree, at, listed, lengths)
    published = _published(tree, headline, asides, at)
    lead = _marked_lead(tree, asides)
    author, organisation = author_line.marked(_nodes(tree, author_line.MARKS, asides))
    block = block_of(tree, lengths, asides)
    if block is None:
        return Found(headline.text, lead, published, author, organisation)
    boilerplate.clear(block, headline, at)
    last_line = author_line.taken_from(block)
    markup = block.inner_html or ""
    return Found(
        title=headline.text,
        lead=lead or _first_paragraph(block),
        published=published,
        author=author or last_line[0],
        organisation=organisation or last_line[1],
        pictures=body.clean(markup, at.base).pictures,
        body_html=markup if text.plain(markup) else None,
    )


def _published(
    tree: LexborHTMLParser, headline: Headline, asides: frozenset[int], at: Standpoint
) -> Published | None:
    for_programs = _nodes(tree, publication_date.MARKED_FOR_PROGRAMS, asides)
    for_eyes = list(_nodes(tree, publication_date.MARKED_FOR_EYES, asides))
    found = headline.published or publication_date.marked(for_programs, at)
    if found or headline.node is None or tree.body is None:
        return found or publication_date.marked(for_eyes, at)
    after = publication_date.below(tree.body, headline.node, for_eyes)
    return (
        publication_date.marked(after, at)
        or publication_date.near(tree.body, headline.node, at)
        or publication_date.marked(for_eyes, at)
    )


def _marked_lead(tree: LexborHTMLParser, asides: frozenset[int]) -> str:
    nodes = (node for node in _nodes(tree, _LEADS, asides) if not _is_in_caption(node))
    return next((lead for node in nodes if len(lead := text.lead(markup_of(node))) >= _PARAGRAPH), "")


def _first_paragraph(block: LexborNode) -> str:
    for node in block.css("p, div, td"):
        if holds(node, "p, div, td, table, li, img"):
            continue
        if len(node.text().strip()) >= _PARAGRAPH and not _is_in_caption(node):
            return text.lead(markup_of(node))
    return text.lead(block.inner_html or "")


def _is_in_caption(node: LexborNode) -> bool:
    """Within a figure, or a table that is laid around a picture."""
    for one in chain([node], ancestors(node)):
        if one.tag in ("figure", "figcaption"):
            return True
        if one.tag == "table":
            return one.css_first("img") is not None and len(one.text()) <= _CAPTION
    return False


def _nodes(
    tree: LexborHTMLParser, selectors: tuple[str, ...], asides: frozenset[int]
) -> Iterator[LexborNode]:
    """What the selectors name, in their order, but for what stands beside the article."""
    for selector in selectors:
        for node in tree.css(selector)[:_MARKED]:
            if node.parent is not None and not is_beside(node.parent, asides):
                yield node
