"""Reading an article from how its page is laid out: the last resort, and all that old portals offer.

The headline is found first; the date stands near it, the text below, and the author's line at its end.
"""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import boilerplate, lead_paragraph, publication_date
from service.articles.extract.found import Extracted
from service.articles.extract.headline import Headline, headline_of
from service.articles.extract.main_text import asides_of, block_of, is_beside
from service.articles.extract.text_lengths import measured
from service.articles.model import Published
from service.articles.sources.context import ParseContext
from service.articles.text import author_line, plain_text, sanitise

_MARKED = 20  # elements with one mark that are looked at


def article_in(tree: LexborHTMLParser, at: ParseContext, listed: str) -> Extracted:
    """The article as the page shows it; `listed` is the title in the listing, empty where it is not known.

    The tree is changed: what is none of the text is taken out of it.
    """
    lengths = measured(tree.body)
    asides = asides_of(tree, lengths)
    headline = headline_of(tree, at, listed, lengths)
    published = _published(tree, headline, asides, at)
    lead = lead_paragraph.marked(_nodes(tree, lead_paragraph.MARKS, asides))
    author, organisation = author_line.marked(_nodes(tree, author_line.MARKS, asides))
    if not (author or organisation):
        author, organisation = author_line.labelled(publication_date.lines_below(tree.body, headline.node))
    block = block_of(tree, lengths, asides)
    if block is None:
        return Extracted(headline.text, lead, published, author, organisation)
    lead = lead or lead_paragraph.above(block, tree, headline, asides)
    boilerplate.clear(block, headline, at)
    last_line = author_line.taken_from(block)
    if not any(last_line):
        last_line = author_line.behind(block)
    markup = block.inner_html or ""
    return Extracted(
        title=headline.text,
        lead=lead or lead_paragraph.first_of(block),
        published=published,
        author=author or last_line[0],
        organisation=organisation or last_line[1],
        pictures=sanitise.sanitise_html(markup, at.base).images,
        body_html=markup if plain_text.from_markup(markup) else None,
    )


def _published(
    tree: LexborHTMLParser, headline: Headline, asides: frozenset[int], at: ParseContext
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


def _nodes(
    tree: LexborHTMLParser, selectors: tuple[str, ...], asides: frozenset[int]
) -> Iterator[LexborNode]:
    """What the selectors name, in their order, but for what stands beside the article."""
    for selector in selectors:
        for node in tree.css(selector)[:_MARKED]:
            if node.parent is not None and not is_beside(node.parent, asides):
                yield node
