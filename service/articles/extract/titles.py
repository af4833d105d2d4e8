"""Find an article's headline, and separate titles from the site's name, dates and ellipses."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.context import ParseContext
from service.articles.model import Published
from service.articles.text import plain_text
from service.articles.text.html_tree import TextLengths, ancestors, descendants, outer_html, text_of
from service.articles.text.plain_text import SPACE_BEFORE
from service.core.folding import fold

# Between a title and the site's name. A match begins with the first white space of a run: trying every
# position of it would be quadratic.
SITE_SEPARATOR = re.compile(rf"(?<!\s)\s++(?:[-\u2013\u2014|·•»]|::)\s++|{SPACE_BEFORE}\|\s*+")

_MARKED = (
    '[itemprop="headline"], h1, h2, h3, [class*="title" i], [class*="headline" i], [class*="tieu" i],'
    ' [id*="title" i]'
)
_UNMARKED = "td, div, span, p, b, strong, font, h4, h5, h6, center"
_DATE_PARTS = "span, small, em, i, time, font, div, p, label, sub, sup, b, strong"
_NO_HEADLINE_IN = frozenset({"a", "nav", "footer", "aside", "li"})
_MIN_HEADLINE, _MAX_HEADLINE = 8, 300  # characters
_MAX_CANDIDATES = 500  # elements of a page
_MAX_ANNOUNCED = 10  # titles in the head of a page, and parts of them
_MAX_PARTS = 50  # elements within a headline

_SITE_NAME = re.compile(
    r"(?:cổng|trang|website|chuyên trang|ubnd|[uủ][yỷ] ban|sở|ban|phòng|báo|đài|tạp chí|tin|tỉnh|huyện|xã"
    r"|phường|quận|thị xã|thành phố|tp\.?|portal|news|home|www|[\w.]+\.vn)(?!\w)",
    re.IGNORECASE,
)
_AROUND_DATE = re.compile(r"[\s()\[\]{}|,;:.\u2013\u2014-]+")
_BETWEEN = " -\u2013\u2014|:)]"  # between a date and the title behind it
_LABEL = re.compile(r"(?:ngày|đăng|cập nhật|lúc|date|posted|on)?", re.IGNORECASE)
_MAX_DATE = 1_000  # characters of a text that is only a date
_MAX_LABEL = len("Cậpnhậtlúc") + 4  # characters beside such a date
_DISTINCTIVE = 15  # characters from which a title is more than a heading like "Tin tức"


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline, its element, and the date that the element contains beside it."""

    text: str = ""
    published: Published | None = None
    node: LexborNode | None = None


def find_headline(
    tree: LexborHTMLParser, context: ParseContext, listed: str, lengths: TextLengths
) -> Headline:
    """Return the element with the title that the listing, `og:title` or `title` announces.

    Without one it is the first `h1`, or the first title that has a date beside it.
    """
    announced = list(_announced_titles(tree))[:_MAX_ANNOUNCED]
    marked = [node for node in tree.css(_MARKED)[:_MAX_CANDIDATES] if _may_be_headline(node, lengths)]
    known: dict[int, Headline] = {}  # each element is read once, not for every announced title
    for expected in filter(None, (listed, *announced)):
        for node in chain(marked, _smallest_first(_unmarked(tree, expected, lengths), lengths)):
            if node.mem_id not in known:
                known[node.mem_id] = read_headline(node, context)
            headline = known[node.mem_id]
            if _match(headline.text, expected) and _MIN_HEADLINE <= len(headline.text) <= _MAX_HEADLINE:
                return headline
    heading = next((node for node in marked if node.tag == "h1"), None)
    if heading is not None:
        return read_headline(heading, context)
    dated = (headline for node in marked if (headline := read_headline(node, context)).published)
    return next(dated, Headline(uncut_title(next(iter(announced), ""), document_titles(tree))))


def read_headline(node: LexborNode, context: ParseContext) -> Headline:
    """Return the title in an element, apart from a date in an element of its own or in brackets behind it."""
    markup = outer_html(node)
    for part in descendants(node, _DATE_PARTS)[:_MAX_PARTS]:
        published = only_date(text_of(part), context)
        if published:
            return Headline(plain_text.title(markup.replace(outer_html(part), " ", 1)), published, node)
    title, published = _split_date(plain_text.title(markup), context)
    return Headline(title, published, node)


def only_date(text: str, context: ParseContext) -> Published | None:
    """Return the date of a text that holds nothing else but brackets and a label."""
    if len(text) > _MAX_DATE:
        return None
    found = context.find_date(text)
    if found is None:
        return None
    published, (start, end) = found
    rest = _AROUND_DATE.sub("", text[:start] + text[end:])
    return published if len(rest) <= _MAX_LABEL else None


def best_title(listed: str, candidates: Sequence[str]) -> str:
    """Return the listing's title, unless it was cut there or includes more than the title.

    `candidates` are the titles on the page, best first. One that was cut gives way to any that begins with
    it and was not.
    """
    known = [title for title in (listed, *candidates) if title]
    candidates = [uncut_title(candidate, known) for candidate in candidates if candidate]
    own = _without_site_name(candidates)
    listed = uncut_title(listed, candidates)
    if not listed:
        return own
    own_folded, listed_folded = fold(own), fold(listed)
    has_more = len(own) >= _DISTINCTIVE and len(own_folded) < len(listed_folded) and not _is_cut(own)
    return own if has_more and listed_folded.startswith(own_folded) else listed


def uncut_title(title: str, others: Iterable[str]) -> str:
    """Return the shortest of the others that has all of a title cut with an ellipsis, else the title."""
    if not _is_cut(title):
        return title
    beginning = fold(_without_ellipsis(title))
    whole = [
        other
        for other in others
        if not _is_cut(other) and len(fold(other)) > len(beginning) and fold(other).startswith(beginning)
    ]
    return min(whole, key=len, default=title) if beginning else title


def document_titles(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the document's title, and before that itself without the names of site and section."""
    document = tree.css_first("title")
    title = plain_text.title(outer_html(document)) if document is not None else ""
    shorter = title
    for separator in list(SITE_SEPARATOR.finditer(title))[:-_MAX_ANNOUNCED:-1]:
        if not _SITE_NAME.match(shorter[separator.end() :]):
            break
        shorter = title[: separator.start()]
    yield from [shorter, title] if shorter != title else [title]


def _announced_titles(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield `og:title`, then the document's title and its parts around the site's name, the longest first."""
    shared = tree.css_first('meta[property="og:title"]')
    if shared is not None:
        yield plain_text.title(shared.attributes.get("content") or "")
    document = tree.css_first("title")
    if document is not None:
        title = plain_text.title(outer_html(document))
        yield title
        parts = SITE_SEPARATOR.split(title)
        if len(parts) > 1:
            yield from sorted(parts, key=len, reverse=True)


def _unmarked(tree: LexborHTMLParser, expected: str, lengths: TextLengths) -> Iterator[LexborNode]:
    """Yield elements without a telling name that contain little more than the expected title."""
    beginning, most = fold(expected)[:20], 2 * len(expected) + 40
    for node in tree.css(_UNMARKED):
        if not 0 < lengths.of(node) <= most or not _may_be_headline(node, lengths):
            continue
        if fold(node.text(separator=" ")).startswith(beginning):
            yield node


def _smallest_first(nodes: Iterator[LexborNode], lengths: TextLengths) -> Iterator[LexborNode]:
    """Yield the elements with the least text around a title first; they are looked for when needed."""
    yield from sorted(islice(nodes, _MAX_CANDIDATES), key=lengths.of)


def _may_be_headline(node: LexborNode, lengths: TextLengths) -> bool:
    has_length = _MIN_HEADLINE <= lengths.of(node) <= 2 * _MAX_HEADLINE
    return has_length and not any(around.tag in _NO_HEADLINE_IN for around in ancestors(node))


def _match(title: str, other: str) -> bool:
    """Return whether one title begins with the other; very short ones never match."""
    first, second = fold(_without_ellipsis(title)), fold(_without_ellipsis(other))
    return min(len(first), len(second)) >= _DISTINCTIVE - 5 and (
        first.startswith(second) or second.startswith(first)
    )


def _split_date(title: str, context: ParseContext) -> tuple[str, Published | None]:
    """Split off a date in brackets behind the title or set apart before it."""
    found = context.find_date(title)
    if found is None:
        return title, None
    published, (start, end) = found
    before, after = title[:start], title[end:]
    is_bracketed = before.rstrip().endswith(("(", "[")) and not _AROUND_DATE.sub("", after)
    if is_bracketed and before.strip("([ "):
        return before.rstrip("([ \u00a0"), published
    is_apart = after.strip()[:1] in tuple(_BETWEEN) and not _LABEL.sub("", _AROUND_DATE.sub("", before))
    if is_apart and len(after) > _DISTINCTIVE:
        return after.lstrip(_BETWEEN), published
    return title, None


def _is_cut(title: str) -> bool:
    return _without_ellipsis(title) != title


def _without_ellipsis(title: str) -> str:
    """Return the title without the ellipsis of a cut; itself, white space included, where it has none."""
    bare = title.rstrip(" ])")
    return bare.rstrip("….").rstrip(" [(") if bare.endswith(("…", "...", " ..")) else title


def _without_site_name(candidates: Sequence[str]) -> str:
    """Return the first, reduced to the part that another candidate shows to be the whole title."""
    first = candidates[0] if candidates else ""
    others = {fold(candidate) for candidate in candidates[1:]}
    for separator in SITE_SEPARATOR.finditer(first):
        for part in (first[: separator.start()], first[separator.end() :]):
            if fold(part) in others and len(part) >= _DISTINCTIVE:
                return part
    return first
