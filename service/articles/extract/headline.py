"""Finding an article's headline on its page, with the date that may stand in the same element."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.text_lengths import Lengths
from service.articles.extract.titles import agree, is_only_date, parts_of, without_date
from service.articles.model import Published
from service.articles.sources.context import ParseContext
from service.articles.text import plain_text
from service.articles.text.html_tree import ancestors, descendants, outer_html, text_of
from service.core.folding import fold

_MARKED = (
    '[itemprop="headline"], h1, h2, h3, [class*="title" i], [class*="headline" i], [class*="tieu" i],'
    ' [id*="title" i]'
)
_PLAIN = "td, div, span, p, b, strong, font, h4, h5, h6, center"
_LONGEST = 300  # characters of a headline
_MOST = 500  # elements of a page that may be it
_MOST_ANNOUNCED = 10  # titles that a page says it has, and parts of them
_MOST_PARTS = 50  # of a headline's element that are looked at
_SHORTEST = 8
_APART = "span, small, em, i, time, font, div, p, label, sub, sup, b, strong"
_ASIDE = frozenset({"a", "nav", "footer", "aside", "li"})


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline, its element, and the date that the element holds beside it."""

    text: str = ""
    published: Published | None = None
    node: LexborNode | None = None


def headline_of(tree: LexborHTMLParser, at: ParseContext, listed: str, lengths: Lengths) -> Headline:
    """The element that says what the listing, the title for sharing or the document's title announce.

    Where none does, it is the first main heading, or the first title that has a date beside it.
    """
    announced = list(_announced(tree))[:_MOST_ANNOUNCED]
    marked = [node for node in tree.css(_MARKED)[:_MOST] if _is_sound(node, lengths)]
    known: dict[int, Headline] = {}  # what one title is compared with, the next one is, too
    for expected in filter(None, (listed, *announced)):
        for node in chain(marked, islice(_plain(tree, expected, lengths), _MOST)):
            if node.mem_id not in known:
                known[node.mem_id] = read(node, at)
            headline = known[node.mem_id]
            if agree(headline.text, expected) and _SHORTEST <= len(headline.text) <= _LONGEST:
                return headline
    heading = next((node for node in marked if node.tag == "h1"), None)
    if heading is not None:
        return read(heading, at)
    dated = (headline for node in marked if (headline := read(node, at)).published)
    return next(dated, Headline(next(iter(announced), "")))


def read(node: LexborNode, at: ParseContext) -> Headline:
    """The title in an element: a date in an element of its own, or in brackets behind, is the date."""
    markup = outer_html(node)
    for part in descendants(node, _APART)[:_MOST_PARTS]:
        published = is_only_date(text_of(part), at)
        if published:
            return Headline(plain_text.title(markup.replace(outer_html(part), " ", 1)), published, node)
    title, published = without_date(plain_text.title(markup), at)
    return Headline(title, published, node)


def _announced(tree: LexborHTMLParser) -> Iterator[str]:
    title = tree.css_first("title")
    shared = tree.css_first('meta[property="og:title"]')
    if shared is not None:
        yield plain_text.title(shared.attributes.get("content") or "")
    if title is not None:
        yield from parts_of(plain_text.title(outer_html(title)))


def _plain(tree: LexborHTMLParser, expected: str, lengths: Lengths) -> Iterator[LexborNode]:
    """Elements without any mark that hold little more than the expected words."""
    beginning, most = fold(expected)[:20], 2 * len(expected) + 40
    for node in tree.css(_PLAIN):
        if not 0 < lengths.of(node) <= most or not _is_sound(node, lengths):
            continue
        if fold(node.text(separator=" ")).startswith(beginning):
            yield node


def _is_sound(node: LexborNode, lengths: Lengths) -> bool:
    sound = _SHORTEST <= lengths.of(node) <= 2 * _LONGEST
    return sound and not any(one.tag in _ASIDE for one in ancestors(node))
