"""Taking out of an article's text what is none of it: the headline, "Quay lại", buttons, other news."""

import re

from selectolax.lexbor import LexborNode

from service.articles.extract.headline import Headline
from service.articles.extract.text_lengths import Lengths, measured
from service.articles.extract.titles import is_only_date
from service.articles.sources.context import ParseContext
from service.articles.text.html_tree import descendants, text_of
from service.core.folding import fold

_NEVER_TEXT = (
    "script, style, template, nav, form, button, select, input, textarea, aside, footer, ins, object, embed,"
    ' [class*="share" i], [class*="related" i], [class*="lienquan" i], [class*="lien-quan" i],'
    ' [class*="social" i], [class*="print" i], [class*="comment" i], [class*="breadcrumb" i],'
    ' [class*="advert" i]'
)
_PARTS = "h1, h2, h3, h4, a, p, div, span, td, li, ul, ol, time, font, b, strong"
_AROUND = re.compile(
    r"\W*(?:quay (?:lại|về)|trở (?:lại|về)|về trang trước|lên đầu trang|đầu trang|in (?:bài|trang)|bản in"
    r"|chia sẻ|gửi (?:bài|email|mail)|lượt (?:xem|đọc)"
    r"|(?:các )?(?:tin|bài)(?: tức| viết)? (?:khác|liên quan|đã đưa|cũ hơn|mới hơn)"
    r"|go back|back|back to top|print|share)\b.{0,20}",
    re.IGNORECASE,
)
_LONGEST = 600  # characters; a longer part is the text itself
_DATE_LINE = 60  # characters of a line that is a date and nothing else
_LIST = 40  # characters from which a list of links is one of other news
_LINKS = 0.75  # of its text: dates may stand beside them


def clear(block: LexborNode, headline: Headline, at: ParseContext) -> None:
    """Change the element so that its text alone remains, with its pictures and tables."""
    if block.tag == "body" and headline.node is not None:
        _drop_what_is_above(block, headline.node)
    for node in descendants(block, _NEVER_TEXT):
        node.decompose()
    lengths = measured(block)
    doomed = [node for node in descendants(block, _PARTS) if _is_none(node, headline, at, lengths)]
    gone: set[int] = set()
    for node in doomed:
        if node.mem_id not in gone:
            gone |= {one.mem_id for one in node.traverse()}
            node.decompose()


def _drop_what_is_above(page: LexborNode, headline: LexborNode) -> None:
    """The banner and the menus of a page that has no element for its article."""
    lengths = measured(page)
    doomed: list[LexborNode] = []
    node: LexborNode | None = headline
    while node is not None and node.mem_id != page.mem_id:
        above = node.prev
        while above is not None:
            doomed.append(above)
            above = above.prev
        node = node.parent
    if node is not None and sum(map(lengths.of, doomed)) <= lengths.of(page) / 2:
        for one in doomed:
            one.decompose()


def _is_none(node: LexborNode, headline: Headline, at: ParseContext, lengths: Lengths) -> bool:
    if node.tag in ("ul", "ol"):
        return lengths.of(node) > _LIST and lengths.link_share(node) > _LINKS
    if not 0 < lengths.of(node) <= _LONGEST or node.css_first("img, video, table") is not None:
        return False
    words = text_of(node)
    if _AROUND.fullmatch(words) or (len(words) <= _DATE_LINE and is_only_date(words, at)):
        return True
    title = headline.text
    return bool(title) and len(words) < 2 * len(title) and fold(words).startswith(fold(title))
