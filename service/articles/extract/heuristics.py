"""Extract an article from the layout of its page: the last resort, and all that old portals offer.

The headline is found first (`titles`), then the date near it, the text below (`main_text`), and the author
beside the headline, in an element named so, or in the last line of the text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from html import escape
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import signatures
from service.articles.extract.boilerplate import (
    has_content,
    remove_boilerplate,
    text_below,
)
from service.articles.extract.context import Extracted, ParseContext, join_bylines
from service.articles.extract.leads import (
    LEAD_SELECTORS,
    between,
    first_paragraph,
    lead_above,
    marked_lead,
)
from service.articles.extract.main_text import (
    find_asides,
    find_labelled_asides,
    find_main_text,
    is_beside,
    is_in_aside,
)
from service.articles.extract.text_lines import is_own_picture
from service.articles.extract.titles import Headline, find_headline
from service.articles.model import Published
from service.articles.text import documents
from service.articles.text.captions import CaptionFinder
from service.articles.text.html_tree import ancestors, measure_text, outer_html, text_of

_MAX_MARKED = 20  # elements for one selector
_MAX_BETWEEN = 200  # characters between a text and the documents behind it
_MAX_PICTURES = 5  # between headline and text

_DATE_SELECTORS = ('[itemprop="datePublished"]', "time[datetime]", "time")
_DATE_NAME_SELECTORS = (
    '[class*="date" i]',
    '[class*="ngay" i]',
    '[class*="time" i]',
    '[class*="publish" i]',
    '[id*="date" i]',
    '[id*="ngay" i]',
    '[class*="meta" i]',
)
_MAX_DATE = 200  # characters of an element that holds the date and little else
_MAX_DATE_TEXT = 2_000  # characters with white space; beyond, the element is not looked at
_MAX_DATE_LINE = 80  # characters of a text that is no sentence
_BELOW, _ABOVE = 700, 200  # characters from the headline within which a date is the article's


@dataclass(frozen=True, slots=True)
class Guess:
    """The article as the page shows it.

    Attributes:
        parts: without its text.
        lead: the one that has an element of its own; `parts` has the text's first paragraph.
        text: the elements that hold the text, cleaned; empty where there is hardly any.
        pictures: the markup of those between headline and text.
        documents: the markup of links and frames behind the text.
    """

    parts: Extracted
    lead: str = ""
    text: tuple[LexborNode, ...] = ()
    pictures: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


def extract(
    tree: LexborHTMLParser, context: ParseContext, listed: str, selected: Sequence[LexborNode] = ()
) -> Guess:
    """Return the article as the page shows it.

    The tree is changed: boilerplate and the byline are removed from the text.

    Args:
        tree: the page.
        context: its source, time and address.
        listed: the title in the listing, empty if unknown.
        selected: the elements of the text, where the configuration names them.
    """
    lengths = measure_text(tree.body)
    asides = find_asides(tree, lengths) | find_labelled_asides(tree, context.base)
    headline = find_headline(tree, context, listed, lengths)
    published = _find_date(tree, headline, asides, context)
    lead = marked_lead(_select(tree, LEAD_SELECTORS, asides))
    people = [signatures.marked_author(_select(tree, signatures.AUTHOR_SELECTORS, asides))]
    if tree.body is not None and headline.node is not None:
        below = _take(_texts_around(tree.body, headline.node, asides)[1], _BELOW)
        people.append(signatures.labelled_author(list(below)))
        people.append(signatures.beside_headline(headline.node, tree.body, asides))
    blocks = [block for block in selected if has_content(block, context.base)]
    if not blocks:
        found = find_main_text(tree, lengths, asides, headline, context)
        blocks = [found] if found is not None else []
    if not blocks:
        return Guess(Extracted(headline.text, "", published, *reduce(join_bylines, people)), lead)
    above = list(between(tree, headline, blocks[0]))
    lead = lead or lead_above(above, asides)
    pictures = tuple(islice(_pictures(above, asides), _MAX_PICTURES))
    attached = () if selected else tuple(_attached_documents(tree, blocks[0], headline, asides, context))
    remove_boilerplate(blocks, headline, context)
    people += map(signatures.take_signature, reversed(blocks))
    people.append(signatures.signature_behind(blocks[-1], asides))
    author, organisation = reduce(join_bylines, people)
    parts = Extracted(
        title=headline.text,
        lead=first_paragraph(blocks),
        published=published,
        author=author,
        organisation=organisation,
    )
    return Guess(parts, lead, tuple(blocks), pictures, attached)


def _attached_documents(
    tree: LexborHTMLParser,
    block: LexborNode,
    headline: Headline,
    asides: frozenset[int],
    context: ParseContext,
) -> Iterator[str]:
    """Yield the links to documents, and their frames, that follow the text with little between."""
    candidates = tree.css(documents.DOCUMENT_TAGS) if headline.node is not None else []
    has_document = any(documents.shows_document(node, context.base) for node in candidates)
    if tree.body is None or headline.node is None or not has_document:
        return
    shared = {node.mem_id for node in ancestors(headline.node)} - {tree.body.mem_id}
    inside = {node.mem_id for node in block.traverse(include_text=True)}
    is_behind, between = False, 0
    for node in text_below(tree.body, headline, context):
        if node.mem_id in inside:
            is_behind = True
        elif is_behind and not is_beside(node, asides):
            if not any(around.mem_id in shared for around in ancestors(node)):
                return
            if node.is_text_node:
                between += len(node.text_content or "")
            elif node.tag != "img" and between <= _MAX_BETWEEN:
                yield f"<p>{outer_html(node)}</p>"


def _pictures(nodes: Iterable[LexborNode], asides: frozenset[int]) -> Iterator[str]:
    """Yield each picture among these elements as a figure with its caption."""
    finder = CaptionFinder()
    for node in nodes:
        if node.tag == "img" and is_own_picture(node) and not is_in_aside(node, asides):
            caption = finder.find(node).text
            caption = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
            yield f"<figure>{outer_html(node)}{caption}</figure>"


def _select(tree: LexborHTMLParser, selectors: Iterable[str], asides: frozenset[int]) -> Iterator[LexborNode]:
    """Yield the matching elements that are not within an aside, selector by selector."""
    for selector in selectors:
        for node in tree.css(selector)[:_MAX_MARKED]:
            if node.parent is not None and not is_in_aside(node.parent, asides):
                yield node


# The date. One within a sentence is what the article reports, and the one in a portal's header is today's.


def _find_date(
    tree: LexborHTMLParser, headline: Headline, asides: frozenset[int], context: ParseContext
) -> Published | None:
    named = list(_select(tree, _DATE_NAME_SELECTORS, asides))
    published = headline.published or _marked_date(_select(tree, _DATE_SELECTORS, asides), context)
    if published or headline.node is None or tree.body is None:
        return published or _marked_date(named, context)
    return (
        _marked_date(_not_before(named, tree.body, headline.node), context)
        or _date_near(tree.body, headline.node, asides, context)
        or _marked_date(named, context)
    )


def _marked_date(nodes: Iterable[LexborNode], context: ParseContext) -> Published | None:
    """Return the date of the first of these elements that has one."""
    return next(filter(None, (_date_of(node, context) for node in nodes)), None)


def _date_of(node: LexborNode, context: ParseContext) -> Published | None:
    attributes = node.attributes
    attribute = attributes.get("datetime") or attributes.get("content")
    if not attribute and len(node.text()) > _MAX_DATE_TEXT:
        return None
    text = attribute or text_of(node)
    if len(text) > _MAX_DATE:
        return None
    found = context.find_date(text)
    return context.parse_date(text) or (found[0] if found else None)


def _not_before(nodes: Iterable[LexborNode], root: LexborNode, headline: LexborNode) -> list[LexborNode]:
    """Return the elements that do not come before the headline."""
    before = set()
    for node in root.traverse():
        if node.mem_id == headline.mem_id:
            break
        before.add(node.mem_id)
    return [node for node in nodes if node.mem_id not in before]


def _date_near(
    root: LexborNode, headline: LexborNode, asides: frozenset[int], context: ParseContext
) -> Published | None:
    """Return the first date that stands alone below the headline, else the last one right above it."""
    above, below = _texts_around(root, headline, asides)
    texts = [*_take(below, _BELOW), *_take(reversed(above), _ABOVE)]
    found = (context.find_date(text) for text in texts if len(text) <= _MAX_DATE_LINE)
    return next((date[0] for date in found if date), None)


def _texts_around(
    root: LexborNode, headline: LexborNode, asides: frozenset[int]
) -> tuple[list[str], list[str]]:
    """Return the texts above and below the headline that are in no aside but a link."""
    inside = {node.mem_id for node in headline.traverse(include_text=True)}
    above: list[str] = []
    below: list[str] = []
    texts = above
    for node in root.traverse(include_text=True):
        if node.mem_id in inside:
            texts = below
        elif node.is_text_node and not node.is_empty_text_node and not is_beside(node, asides):
            texts.append(" ".join((node.text_content or "").split()))
    return above, below


def _take(texts: Iterable[str], max_length: int) -> Iterator[str]:
    length = 0
    for text in texts:
        if length > max_length:
            return
        yield text
        length += len(text)
