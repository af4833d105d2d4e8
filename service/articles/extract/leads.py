"""Find the lead on an article's page, choose among those that are told, and leave it out of the text.

A lead is told by an element's name (`sapo`), by a sentence of its own between headline and text, by the head
of the page, and by the listing; where it was cut, a longer one that begins alike is the whole. Without any of
these the first paragraph of the text stands for it, and stays in the text.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.main_text import is_in_aside
from service.articles.extract.text_lines import MAX_LINKED, lines_of
from service.articles.extract.titles import Headline
from service.articles.text import plain_text
from service.articles.text.html_tree import ancestors, contains, outer_html
from service.core.folding import fold

LEAD_SELECTORS = (
    ".sapo",
    ".lead",
    ".lede",
    '[itemprop="description"]',
    '[class*="sapo" i]',
    '[class*="trich" i]',
    '[class*="tomtat" i]',
    '[class*="tom-tat" i]',
    '[class*="hometext" i]',
    '[class*="standfirst" i]',
)
_MIN_LEAD = 40  # characters
_MAX_LEAD = 3_000  # characters of an element with a lead above the text
_MAX_CAPTION_TABLE = 400  # characters of a table that is laid around an image
_MAX_CAPTION_CELLS = 4  # a table with more is the page's layout
_SENTENCE_ENDS = (".", "!", "?", "…", '"', "”")
_HEADINGS = frozenset({"h2", "h3", "h4"})
_MARK = "data-portal-widgets-lead"
_MIN_SAME = 10  # folded letters by which two leads are the same, one of them cut
_MAX_BEHIND = 60  # characters that a head adds to a lead: the section's or the site's name


def marked_lead(nodes: Iterable[LexborNode]) -> str:
    """Return the text of the first of these elements that is long enough and no caption; it is marked."""
    for node in nodes:
        lead = "" if _is_in_caption(node) else plain_text.whole_lead(outer_html(node))
        if len(lead) >= _MIN_LEAD:
            mark(node)
            return lead
    return ""


def lead_above(above: Iterable[LexborNode], asides: frozenset[int]) -> str:
    """Return the sentence that has an element of its own among those between headline and main text."""
    for node in above:
        if not node.is_element_node or node.tag == "a":
            continue
        if contains(node, "*:not(b, strong, i, em, span, font, br)"):
            continue
        if is_in_aside(node, asides) or _is_in_caption(node) or len(node.text()) > _MAX_LEAD:
            continue
        lead = plain_text.whole_lead(outer_html(node))
        if len(lead) >= _MIN_LEAD and lead.endswith(_SENTENCE_ENDS):
            return lead
    return ""


def first_paragraph(blocks: Sequence[LexborNode]) -> str:
    """Return the first paragraph of the text; a heading that is a sentence counts as one.

    Of a text, or a paragraph, that only breaks divide it is the first line, if that is a long sentence.
    """
    for block in blocks:
        for node in block.css("p, div, td, h2, h3, h4"):
            if contains(node, "p, div, td, table, li, img, h2, h3, h4"):
                continue
            text = node.text().strip()
            if node.tag in _HEADINGS and not text.endswith(_SENTENCE_ENDS):
                continue
            if len(text) >= _MIN_LEAD and not _is_in_caption(node, block):
                return _first_sentences(node) or plain_text.whole_lead(outer_html(node))
    first = _first_sentences(blocks[0]) if blocks else ""
    return first or plain_text.whole_lead("\n".join(block.inner_html or "" for block in blocks))


def _first_sentences(node: LexborNode) -> str:
    """Return the first line if there are more, and it is long and ends as a sentence does."""
    lines = lines_of(node, "") if contains(node, "br") else []
    text = lines[0].text if len(lines) > 1 and lines[0].link_share <= MAX_LINKED else ""
    is_own = len(text) >= _MIN_LEAD and text.endswith(_SENTENCE_ENDS)
    return plain_text.whole_lead(escape(text)) if is_own else ""


def whole(lead: str, others: Sequence[str]) -> str:
    """Return a lead as it was before it was cut: the longest of the others that begins with it.

    What a head adds to it, such as the site's name, is left out where another one shows where it ends.
    """
    found = _whole(lead, others)
    bare, separator, added = lead.rpartition(" - ")
    if found == lead and separator and len(added) <= _MAX_BEHIND:
        found = _whole(bare, others)
        return found if found != bare or bare in others else lead
    return found


def _whole(lead: str, others: Sequence[str]) -> str:
    beginning = fold(lead)
    if _is_whole(lead) or len(beginning) < _MIN_SAME:
        return lead
    longer = [other for other in others if len(fold(other)) > len(beginning)]
    same = (other for other in longer if fold(other).startswith(beginning))
    return max(same, key=lambda other: (_is_whole(other), len(other)), default=lead)


def _is_whole(lead: str) -> bool:
    return lead.endswith(_SENTENCE_ENDS) and not lead.endswith(("…", "..."))


def mark(node: LexborNode) -> None:
    """Mark the element of a lead, so that it is found again in the cleaned text."""
    node.attrs[_MARK] = ""


def remove_marked(blocks: Sequence[LexborNode], lead: str) -> None:
    """Remove the marked element with this lead from the text, unless nothing else would be left."""
    for block in blocks:
        for node in block.css(f"[{_MARK}]"):
            is_lead = fold(plain_text.whole_lead(outer_html(node))) == fold(lead)
            if (
                is_lead
                and node.mem_id != block.mem_id
                and len(node.text().strip()) < len(block.text().strip())
            ):
                node.decompose()
                return


def between(tree: LexborHTMLParser, headline: Headline, block: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements between headline and block; none where the block contains the headline."""
    if headline.node is None or tree.body is None:
        return
    around = {node.mem_id for node in ancestors(headline.node)}
    if block.mem_id in around or block.mem_id == headline.node.mem_id:
        return
    within = {node.mem_id for node in headline.node.traverse()}
    begun = False
    for node in tree.body.traverse():
        if node.mem_id == block.mem_id:
            return
        begun = begun or node.mem_id in within
        if begun and node.mem_id not in within:
            yield node


def _is_in_caption(node: LexborNode, root: LexborNode | None = None) -> bool:
    """Return whether it is in a figure, or in a table that is laid around an image, within the root."""
    for around in chain([node], ancestors(node)):
        if root is not None and around.mem_id == root.mem_id:
            return False
        if around.tag in ("figure", "figcaption"):
            return True
        if around.tag == "table":
            has_image = around.css_first("img") is not None and len(around.text()) <= _MAX_CAPTION_TABLE
            return has_image and len(around.css("td, th")) <= _MAX_CAPTION_CELLS
    return False
