"""Finding an article's lead on its page: marked as one, between headline and text, or the first paragraph."""

from collections.abc import Iterable, Iterator
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.headline import Headline
from service.articles.extract.main_text import is_beside
from service.articles.text import plain_text
from service.articles.text.html_tree import ancestors, contains, outer_html

MARKS = (
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

_SHORTEST = 40  # characters from which a paragraph may be the lead
_LONGEST = 1_000  # of one above the text
_CAPTION = 400  # characters of a table around a picture, at the most
_SENTENCE_ENDS = (".", "!", "?", "…", '"', "”")
_HEADINGS = frozenset({"h2", "h3", "h4"})


def marked(nodes: Iterable[LexborNode]) -> str:
    """Of the first of these elements that is long enough and no caption."""
    leads = (plain_text.lead(outer_html(node)) for node in nodes if not _is_in_caption(node))
    return next((lead for lead in leads if len(lead) >= _SHORTEST), "")


def above(block: LexborNode, tree: LexborHTMLParser, headline: Headline, asides: frozenset[int]) -> str:
    """The sentence between the headline and the block with the text, where that has an element of its own."""
    for node in _between(tree, headline, block):
        is_one = (
            node.is_element_node
            and node.tag != "a"
            and not contains(node, "*:not(b, strong, i, em, span, br)")
        )
        if not is_one or is_beside(node, asides) or _is_in_caption(node):
            continue
        if len(node.text()) > _LONGEST:
            continue
        lead = plain_text.lead(outer_html(node))
        if len(lead) >= _SHORTEST and lead.endswith(_SENTENCE_ENDS):
            return lead
    return ""


def first_of(block: LexborNode) -> str:
    """The first paragraph of the text; a heading that is a sentence is one."""
    for node in block.css("p, div, td, h2, h3, h4"):
        if contains(node, "p, div, td, table, li, img, h2, h3, h4"):
            continue
        words = node.text().strip()
        if node.tag in _HEADINGS and not words.endswith(_SENTENCE_ENDS):
            continue
        if len(words) >= _SHORTEST and not _is_in_caption(node):
            return plain_text.lead(outer_html(node))
    return plain_text.lead(block.inner_html or "")


def _between(tree: LexborHTMLParser, headline: Headline, block: LexborNode) -> Iterator[LexborNode]:
    """The elements behind the headline's and before the block; none where the block holds the headline."""
    if headline.node is None or tree.body is None:
        return
    around = {one.mem_id for one in ancestors(headline.node)}
    if block.mem_id in around or block.mem_id == headline.node.mem_id:
        return
    within = {one.mem_id for one in headline.node.traverse()}
    begun = False
    for node in tree.body.traverse():
        if node.mem_id == block.mem_id:
            return
        begun = begun or node.mem_id in within
        if begun and node.mem_id not in within:
            yield node


def _is_in_caption(node: LexborNode) -> bool:
    """Within a figure, or a table that is laid around a picture."""
    for one in chain([node], ancestors(node)):
        if one.tag in ("figure", "figcaption"):
            return True
        if one.tag == "table":
            return one.css_first("img") is not None and len(one.text()) <= _CAPTION
    return False
