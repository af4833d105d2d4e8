"""Clear an article's text of what a portal lays around it: tools, view counts, the headline, other news.

A text is read line by line, as readers see it: a line ends at a block's edge or a `br`. A line is removed
that holds nothing but tools ("In trang", "Lượt xem: 12"), dates or the headline above the text; a label such
as "Tin liên quan" goes with the links below it.
"""

import re
from collections.abc import Sequence
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from service.articles.extract import portal_phrases
from service.articles.extract.context import ParseContext
from service.articles.extract.text_lines import (
    BLOCKS,
    MAX_LINKED,
    MIN_LINE,
    Line,
    Span,
    is_own_picture,
    lines_of,
    spans_of,
)
from service.articles.extract.titles import Headline, only_date
from service.articles.text import documents, plain_text, sanitise
from service.articles.text.html_tree import TextLengths, ancestors, class_of, descendants, measure_text
from service.core.folding import fold

_NEVER_TEXT = (
    "script, style, template, nav, form, button, select, input, textarea, aside, footer, object, embed,"
    " iframe,"
    ' [class*="share" i], [class*="related" i], [class*="relate-" i], [class*="lienquan" i],'
    ' [class*="lien-quan" i], [class*="tinkhac" i], [class*="tin-khac" i], [class*="other-news" i],'
    ' [class*="othernews" i], [class*="news-other" i], [class*="social" i],'
    ' [class*="print" i]:not([class*="print:"]),'
    ' [class*="comment" i], [class*="binh-luan" i], [class*="binhluan" i], [class*="breadcrumb" i],'
    ' [class*="advert" i], [class*="rating" i], [class*="pagenav" i], [class*="toolbar" i],'
    ' [class*="newsletter" i], [class*="prev-next" i], [class*="prev_next" i], [class*="post-nav" i],'
    ' [class*="addthis" i], [class*="a2a_kit" i], [class*="fb-like" i],'
    ' [class*="sharedaddy" i], [class*="jp-relatedposts" i], ins[class*="ads" i],'
    ' [href*="facebook.com/share" i], [href*="/intent/tweet" i], [href*="twitter.com/share" i],'
    ' [href*="plus.google.com/share" i], [href*="linkedin.com/share" i], [href*="zalo.me/share" i],'
    ' [href*="pinterest.com/pin/create" i], [href*="t.me/share" i], [href^="mailto:?" i],'
    ' [href*="window.print" i], [href*="history.back" i], [href*="history.go" i]'
)
_TEASERS = "div, section, article, p, li, h2, h3, h4, table, td, figure, blockquote, a"
_TEASER_NAME = re.compile(
    r"teaser|recommend|promo(?!ted)|embed|read-?more|recirc|inline-?link", re.IGNORECASE
)
_LINKED_TEASER = 0.8  # share of a teaser's text
_MAX_PICTURES = 500  # of one text
_HIDDEN = '[hidden], [style*="display:none" i], [style*="display: none" i]'
_MAX_HIDDEN = 200  # characters of a hidden element that is a label or a message, and no part of a text
_MOST = 0.5  # of a text: an element with so much of it is the text, whatever its name

_MAX_HEADLINE = 400  # characters
_MAX_CELL = 6  # elements around a text within a table
_MAX_ROWS = 20
_MAX_EMPTY = 3  # texts of white space in an element that is empty
_MAX_DATE_LINE = 60
_MIN_PARAGRAPH = 40  # characters of a line that is text
_LINKED = 0.6  # share of a line of other news
_LIST_LINK_SHARE = 0.75  # of a list of other news: there may be dates beside the links
_MIN_LINK_LIST = 40  # characters from which a list of links is one of other news
_MAX_LABEL_LEVELS = 3  # elements around a list, right above one of which its label is
_SOME_LINKED = 0.3  # share of what is behind a heading that ends the text
_LATE = 0.6  # of a text's lines, behind which a label ends the text


def remove_boilerplate(blocks: Sequence[LexborNode], headline: Headline, context: ParseContext) -> None:
    """Change the elements so that only a text remains, with images, tables and links to documents."""
    around = {one.mem_id for one in ancestors(headline.node)} if headline.node is not None else set()
    for block in blocks:
        if headline.node is not None and block.mem_id in around:
            _remove_above(block, headline.node)
    for block in blocks:  # the headline's element may be gone from here on
        _remove_named(block, context)
        lines = lines_of(block, context.base)
        for number in _doomed(lines, headline, context) | _other_news(lines, block):
            for node in lines[number].nodes:
                _remove(node, block)


def has_content(block: LexborNode, base: str) -> bool:
    """Return whether an element holds a text, a picture or a document."""
    if any(map(str.isalnum, block.text())) or any(map(sanitise.is_picture, block.css("img"))):
        return True
    return any(documents.shows_document(node, base) for node in block.css(documents.DOCUMENT_TAGS))


def text_below(body: LexborNode, headline: Headline, context: ParseContext) -> list[LexborNode]:
    """Return what there is to read below the headline: first texts of lines, pictures, documents."""
    if headline.node is None:
        return []
    lines = lines_of(body, context.base)
    doomed = _doomed(lines, headline, context) | _other_news(lines, body)
    kept = {
        node.mem_id
        for number, line in enumerate(lines)
        if number not in doomed and line.is_content and not portal_phrases.is_byline_label(line.text)
        for node in line.nodes
    }
    inside = {node.mem_id for node in headline.node.traverse(include_text=True)}
    below: list[LexborNode] = []
    begun = False
    for node in body.traverse(include_text=True):
        begun = begun or node.mem_id in inside
        if begun and node.mem_id in kept and node.mem_id not in inside:
            below.append(node)
    return below


def labelled_asides(body: LexborNode, base: str) -> set[int]:
    """Return the elements that begin with the heading of other news, comments or a sidebar, by `mem_id`."""
    lines = lines_of(body, base)
    return {
        span.element
        for line, span in zip(lines, spans_of(lines, body), strict=True)
        if span.element and span.share <= _MOST and _is_aside_label(line.text)
    }


def _is_aside_label(text: str) -> bool:
    return (
        portal_phrases.is_other_news(text)
        or portal_phrases.is_comments(text)
        or portal_phrases.is_sidebar(text)
    )


def _remove_above(block: LexborNode, headline: LexborNode) -> None:
    """Remove what stands above the headline in the element, unless it is most of the text."""
    lengths = measure_text(block)
    above: list[LexborNode] = []
    node: LexborNode | None = headline
    while node is not None and node.mem_id != block.mem_id:
        before = node.prev
        while before is not None:
            above.append(before)
            before = before.prev
        node = node.parent
    if node is not None and sum(map(lengths.of, above)) <= lengths.of(block) * _MOST:
        for one in above:
            one.decompose()


def _remove_named(block: LexborNode, context: ParseContext) -> None:
    """Remove what is no text by its element, name or link; frames that show a document stay."""
    lengths = measure_text(block)
    most = lengths.of(block) * _MOST
    removed: set[int] = set()  # an element within a removed one must not be touched
    never = [node for node in descendants(block, _NEVER_TEXT) if not _holds_document(node, context)]
    hidden = [node for node in descendants(block, _HIDDEN) if lengths.of(node) <= _MAX_HIDDEN]
    teasers = _teasers(block, lengths, context)
    lists = [
        node
        for node in descendants(block, "ul, ol")
        if lengths.of(node) > _MIN_LINK_LIST
        and lengths.link_share(node) > _LIST_LINK_SHARE
        and not _holds_document(node, context)
    ]
    others = [node for node in descendants(block, "article") if _links_to_page(node, context)]
    labels = [label for node in lists if (label := _label_above(node, block)) is not None]
    for node in (*labels, *never, *hidden, *lists, *teasers, *others):
        if node.mem_id not in removed and lengths.of(node) <= most and not _has_pictures(node, hidden):
            removed |= {part.mem_id for part in node.traverse()}
            node.decompose()


def _links_to_page(node: LexborNode, context: ParseContext) -> bool:
    """Return whether an element has a link, but to a document or the large version of its picture."""
    links = node.css("a[href]")[:_MAX_PICTURES]
    return any(
        not documents.shows_document(link, context.base) and not any(map(is_own_picture, link.css("img")))
        for link in links
    )


def _label_above(node: LexborNode, block: LexborNode) -> LexborNode | None:
    """Return the heading of other news that stands right above a list, which goes with it."""
    for around in islice(chain([node], ancestors(node)), _MAX_LABEL_LEVELS):
        before = around.prev if around.mem_id != block.mem_id else None
        while before is not None and not before.text().strip():
            before = before.prev
        if before is not None:
            return before if portal_phrases.is_other_news(before.text()) else None
        if around.mem_id == block.mem_id:
            break
    return None


def _teasers(block: LexborNode, lengths: TextLengths, context: ParseContext) -> list[LexborNode]:
    """Return the elements that are links to other pages with their pictures, or are named so."""
    own: set[int] = set()  # elements with a picture of the article's
    linked: set[int] = set()  # elements with the picture of a link
    for image in block.css("img")[:_MAX_PICTURES]:
        known = own if is_own_picture(image) else linked
        for around in ancestors(image):
            if around.mem_id == block.mem_id or around.mem_id in known:
                break
            known.add(around.mem_id)
    return [
        node
        for node in descendants(block, _TEASERS)
        if lengths.of(node) >= MIN_LINE
        and lengths.link_share(node) >= _LINKED_TEASER
        and node.mem_id not in own
        and (node.mem_id in linked or _TEASER_NAME.search(class_of(node)))
        and not _holds_document(node, context)
    ]


def _has_pictures(node: LexborNode, hidden: Sequence[LexborNode]) -> bool:
    """Return whether a hidden element holds pictures: galleries hide all but one."""
    return any(node.mem_id == one.mem_id for one in hidden) and node.css_first("img") is not None


def _holds_document(node: LexborNode, context: ParseContext) -> bool:
    candidates = [node, *node.css(documents.DOCUMENT_TAGS)]
    return any(documents.shows_document(one, context.base) for one in candidates)


def _doomed(lines: Sequence[Line], headline: Headline, context: ParseContext) -> set[int]:
    """Return the lines of tools, dates, tags, labels of fields, and the headline."""
    title = fold(headline.text)
    fields = plain_text.field_labels([line.text for line in lines])
    first = next((n for n, line in enumerate(lines) if _is_paragraph(line, headline, context)), len(lines))
    doomed = {
        number
        for number, line in enumerate(lines)
        if not line.has_document
        and (
            number in fields
            or plain_text.is_footer(line.text)
            or portal_phrases.is_tools(line.text, is_linked=line.linked > 0)
            or _is_bare_date(line.text, context)
            or (number < first and _is_above(line.text, headline, context))
            or (bool(title) and len(line.text) <= _MAX_HEADLINE and fold(line.text) == title)
            or (number > first and portal_phrases.is_tags(line.text))
        )
    }
    tables: dict[int, bool] = {}  # whether they hold data
    return {number for number in doomed if lines[number].linked or not _is_in_data(lines[number], tables)}


def _is_in_data(line: Line, tables: dict[int, bool]) -> bool:
    """Return whether the line is in a table of data, which has several rows with several cells."""
    around = islice(ancestors(line.nodes[0]), _MAX_CELL)
    table = next((one for one in around if one.tag == "table"), None)
    if table is None:
        return False
    if table.mem_id not in tables:
        rows = table.css("tr")[:_MAX_ROWS]
        cells = (sum(cell.tag in ("td", "th") for cell in row.iter()) for row in rows)
        tables[table.mem_id] = sum(count > 1 for count in cells) > 1
    return tables[table.mem_id]


def _is_paragraph(line: Line, headline: Headline, context: ParseContext) -> bool:
    return (
        len(line.text) >= _MIN_PARAGRAPH
        and line.link_share <= MAX_LINKED
        and not portal_phrases.is_tools(line.text, is_linked=line.linked > 0)
        and not _is_above(line.text, headline, context)
    )


def _is_bare_date(text: str, context: ParseContext) -> bool:
    return portal_phrases.has_only_date_words(text) and only_date(text, context) is not None


def _is_above(text: str, headline: Headline, context: ParseContext) -> bool:
    """Return whether the line, which stands above the text, is the headline, a date or a label."""
    if len(text) <= _MAX_DATE_LINE and only_date(text, context):
        return True
    if portal_phrases.is_labelled(text):
        return True
    title = headline.text.split()
    parts = text.split()
    if (
        not title
        or len(text) > 2 * _MAX_HEADLINE
        or fold(" ".join(parts[: len(title)])) != fold(headline.text)
    ):
        return False
    rest = " ".join(parts[len(title) :])
    return (
        not any(map(str.isalnum, rest))
        or portal_phrases.is_tools(rest, is_linked=True)
        or only_date(rest, context) is not None
    )


def _other_news(lines: Sequence[Line], block: LexborNode) -> set[int]:
    """Return the lines of other news and comments, with their headings, and single ones with a link."""
    spans = spans_of(lines, block)
    doomed: set[int] = set()
    for number, line in enumerate(lines):
        if number in doomed or line.has_document:
            continue
        if portal_phrases.is_other_news(line.text):
            end = _end_of_other_news(lines, number, spans[number])
            is_own = end == number + 1 and any(other.is_content for other in lines[end:])  # of the text
            doomed |= set() if is_own and not line.linked else set(range(number, end))
        elif portal_phrases.is_comments(line.text):
            doomed |= {number, *range(number + 1, _end_of_comments(lines, number, spans[number]))}
        elif portal_phrases.is_tags_label(line.text):
            end = _end_of_links(lines, number + 1)
            doomed |= set(range(number, end)) if end > number + 1 else set()
        elif line.link_share > MAX_LINKED and portal_phrases.is_read_also(line.text):
            doomed.add(number)
    return doomed


def _end_of_other_news(lines: Sequence[Line], number: int, span: Span) -> int:
    """Return the line at which the text goes on behind a heading of other news."""
    below = lines[number + 1 : span.end]
    linked = sum(line.linked for line in below)
    is_list = linked >= MAX_LINKED * sum(len(line.text) for line in below)
    if linked and (span.share <= _MOST or (is_list and number > 0)):
        return span.end
    rest = lines[number + 1 :]
    linked, length = sum(line.linked for line in rest), sum(len(line.text) for line in rest)
    is_late = number >= len(lines) * _LATE or sum(len(line.text) for line in lines[:number]) >= length
    if is_late and linked > length * _SOME_LINKED and not any(line.has_document for line in rest):
        return len(lines)
    return _end_of_links(lines, number + 1)


def _end_of_links(lines: Sequence[Line], start: int) -> int:
    """Return the first line from this one on that is not a link."""
    return next((number for number in range(start, len(lines)) if not _is_linked(lines[number])), len(lines))


def _end_of_comments(lines: Sequence[Line], number: int, span: Span) -> int:
    """Return the line behind the comments: the end of their element, or of the text."""
    is_below = any(line.is_content for line in lines[:number])
    if span.end > number + 1 and (span.share <= _MOST or is_below):
        return span.end
    return len(lines) if is_below and number >= len(lines) * _MOST else number + 1


def _is_linked(line: Line) -> bool:
    """Return whether the line is a link with at most a date beside it."""
    bare = portal_phrases.letters_beside_date(line.text)
    return not line.has_document and line.linked > 0 and line.linked >= _LINKED * bare


def _remove(node: LexborNode, block: LexborNode) -> None:
    """Remove a text or image, and the inline elements that it leaves empty."""
    parent = node.parent
    node.decompose()
    while parent is not None and parent.mem_id != block.mem_id and parent.tag not in BLOCKS:
        children = list(islice(parent.iter(include_text=True), _MAX_EMPTY + 1))
        if len(children) > _MAX_EMPTY or not all(child.is_empty_text_node for child in children):
            return
        node, parent = parent, parent.parent
        node.decompose()
