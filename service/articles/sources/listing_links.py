"""Find the links to articles on a listing page when nothing says which they are.

Links in the same position of repeated elements form a list; the list with most to read wins, where a date, a
text or an image beside a title counts for more than its length. Menus have none of these.

Text belongs to the link before it, until the next title begins. Short links in between, such as sections and
"Xem tiếp", neither count as text nor end that.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.context import ParseContext
from service.articles.extract.main_text import find_asides, is_in_aside
from service.articles.extract.titles import only_date, uncut_title
from service.articles.text import plain_text, urls
from service.articles.text.html_tree import (
    ancestors,
    class_of,
    contains,
    descendants,
    measure_text,
    text_of,
)

_MAX_LINKS = 3_000  # of a page that are looked at
_MIN_LINKS = 2  # of a list
_MIN_TITLE = 20  # characters from which a link's text may be a title
_MIN_TITLE_WORDS = 5
_MIN_SHORT_WORDS = 3  # of a title with fewer characters, among longer ones
_MIN_TEXT, _MAX_TEXT = 8, 300  # characters of a link
_MAX_COUNTED = 120  # characters of a title that count
_NO_TITLE_WEIGHT = 0.3  # of a text that is too short for a title
_TITLE_HYPHENS = 3  # in the last part of a path that is a title
_POSITION_LEVELS = 3  # elements around a link that make its position
_NO_ARTICLE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|rar|jpe?g|png|gif|mp[34])$|/(?:tag|tags|category|author|login|dang-nhap)/|/(?:rss|feed)/?$",
    re.IGNORECASE,
)
_VARYING_CLASS = re.compile(r"\d+|\b(?:first|last|odd|even|active|item-)\b")
_ENDING = re.compile(r"\.\w{2,5}$")
_DAY = re.compile(r"[(\[]?\d{1,2}[/.-]\d{1,2}[)\]]?")  # of this year
_NUMBER = re.compile(r"\d{2}")

_MAX_BESIDE = 600  # characters behind a link; what follows belongs to the end of the page
_MIN_LEAD = 40  # characters
_DATE_WEIGHT, _LEAD_WEIGHT, _IMAGE_WEIGHT = 3.0, 2.0, 1.5

_TITLE_SELECTOR = 'h1, h2, h3, h4, h5, [class*="title" i], [class*="tieu" i]'
_BLOCKS = "div, p, li, td, ul, section, article, header"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TITLE_CLASS = re.compile(r"title|tieu|headline", re.IGNORECASE)
_PAGE_HEADINGS = frozenset({"h1", "h2"})
_HEADING_LEVELS = 3  # elements around a link that may be its heading
_READ_ON = re.compile(
    r"\W*(?:(?:xem|đọc)\s+(?:tiếp|thêm|chi tiết|toàn)|chi tiết|read more|continue reading|more)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that may lead to an article: its element, that of its title, and where it leads."""

    node: LexborNode
    title: LexborNode
    text: str
    url: str
    key: str  # the canonical URL


@dataclass(frozen=True, slots=True)
class _Beside:
    """Which links, by key, have a date, a lead or an image beside them."""

    dated: frozenset[str]
    with_lead: frozenset[str]
    with_image: frozenset[str]

    def weight(self, key: str) -> float:
        """Return how much more likely the link leads to an article than a bare one, whose weight is 1."""
        weight = _DATE_WEIGHT if key in self.dated else 1.0
        weight *= _LEAD_WEIGHT if key in self.with_lead else 1.0
        return weight * (_IMAGE_WEIGHT if key in self.with_image else 1.0)


def find_article_links(tree: LexborHTMLParser, context: ParseContext) -> list[LexborNode]:
    """Return the links of the page's main list, and others like them, in the page's order."""
    asides = find_asides(tree, measure_text(tree.body)) - {node.mem_id for node in tree.css("a")}
    anchors = (node for node in tree.css("a[href]")[:_MAX_LINKS] if not is_in_aside(node, asides))
    links = [link for node in anchors if (link := _read_link(node, context))]
    groups: dict[str, list[_Link]] = defaultdict(list)
    steps: dict[int, str] = {}  # elements around many links are described once
    for link in links:
        groups[_position(link.node, steps)].append(link)
    titled = [link for group in groups.values() for link in _titled(group)]
    beside = _find_beside(tree, links, titled, context)
    best = max(groups.values(), key=lambda group: _score(group, beside), default=[])
    if _score(best, beside) == 0:
        return []
    chosen = _with_similar(links, best, beside)
    return [link.node for link in links if link.node.mem_id in chosen]


def find_title_node(anchor: LexborNode, context: ParseContext) -> LexborNode:
    """Return the element of the title: the link itself; in a link around a whole card a part of it.

    The part is an element marked as title, else the first block of text that is no date.
    """
    marked = anchor.css_first(_TITLE_SELECTOR)
    if marked is not None and marked.text().strip():
        return marked
    for node in descendants(anchor, _BLOCKS):
        if not contains(node, _BLOCKS):
            text = text_of(node)
            if len(text) >= _MIN_TITLE and not only_date(text, context):
                return node
    return anchor


def title_rank(anchor: LexborNode, context: ParseContext) -> tuple[bool, bool, int]:
    """Return a sort key: of several links to one article the highest has its title.

    "Xem tiếp" comes last, a heading before a lead, a longer text before a shorter one.
    """
    node = find_title_node(anchor, context)
    text = text_of(node)
    around = [anchor, node, *islice(ancestors(anchor), _HEADING_LEVELS)]
    is_heading = any(one.tag in _HEADINGS or _TITLE_CLASS.search(class_of(one)) for one in around)
    return bool(text) and not _READ_ON.match(text), is_heading, min(len(text), _MIN_TITLE)


def _read_link(node: LexborNode, context: ParseContext) -> _Link | None:
    """Return the link where it may be an article's: within this site, with enough text."""
    url = context.absolute_url(node.attributes.get("href"))
    if url is None:
        return None
    parts, own = urlsplit(url), urlsplit(context.base)
    if _site(parts.netloc) != _site(own.netloc) or _NO_ARTICLE.search(parts.path):
        return None
    key = urls.canonical_url(url)
    if not (parts.path.strip("/") or parts.query) or key == urls.canonical_url(context.base):
        return None
    title = find_title_node(node, context)
    text = text_of(title)
    if text.endswith(("…", "...")):
        text = uncut_title(text, [plain_text.title(node.attributes.get("title") or "")])
    return _Link(node, title, text, url, key) if _MIN_TEXT <= len(text) <= _MAX_TEXT else None


def _site(host: str) -> str:
    return ".".join(host.lower().removeprefix("www.").split(".")[-3:])


def _position(node: LexborNode, steps: dict[int, str]) -> str:
    """Return the tags and classes of the link and the elements around it; `steps` caches them by `mem_id`.

    Digits and classes such as `first`, `odd`, `active` do not make another position.
    """
    around = (node, *islice(ancestors(node), _POSITION_LEVELS))
    for one in around:
        if one.mem_id not in steps:
            classes = _VARYING_CLASS.sub("", class_of(one)).split()
            steps[one.mem_id] = f"{one.tag}.{'.'.join(sorted(classes))}"
    return " ".join(steps[one.mem_id] for one in around)


def _score(group: Sequence[_Link], beside: _Beside) -> float:
    """Return how much there is to read under different URLs; titles are longer than names of sections.

    More links score more, but less than proportionally: menus are long.
    """
    titles: dict[str, str] = {}
    for link in group:  # "Xem tiếp" may be in the same position as the title before it
        if not _READ_ON.match(link.text) and len(link.text) > len(titles.get(link.key, "")):
            titles[link.key] = link.text
    if len(titles) < _MIN_LINKS or not any(len(text) >= _MIN_TITLE for text in titles.values()):
        return 0.0
    scores = (
        min(len(text), _MAX_COUNTED) * (1.0 if _is_title(text) else _NO_TITLE_WEIGHT) * beside.weight(key)
        for key, text in titles.items()
    )
    return sum(scores) / sqrt(len(titles))


def _is_title(text: str) -> bool:
    """Return whether it is more than the name of a section, and not "Xem tiếp"."""
    return len(text.split()) >= _MIN_TITLE_WORDS and not _READ_ON.match(text)


def _with_similar(links: Iterable[_Link], best: Sequence[_Link], beside: _Beside) -> set[int]:
    """Return the links of the best list and those like them that have something beside them or follow it.

    Where URLs of one shape have something beside them, those of other shapes are a menu in similar cells.
    """
    shapes = {_shape(link.url) for link in best if beside.weight(link.key) > 1}
    best = [link for link in best if not shapes or _shape(link.url) in shapes]
    shape = Counter(_shape(link.url) for link in best).most_common(1)[0][0]
    container = _container(best)
    chosen = {link.node.mem_id for link in best}
    first, begun = best[0].node.mem_id, False
    for link in links:
        begun = begun or link.node.mem_id == first
        if len(link.text) < _MIN_TITLE or _shape(link.url) != shape:
            continue
        has_something = beside.weight(link.key) > 1
        if has_something or (begun and any(one.mem_id == container for one in ancestors(link.node))):
            chosen.add(link.node.mem_id)
    return chosen


def _shape(url: str) -> str:
    """Return what URLs of one kind share: depth, ending, parameters, a number or a title at the end."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    ending = _ENDING.search(path)
    names = ",".join(sorted(pair.split("=")[0] for pair in parts.query.split("&") if pair))
    last = path.rpartition("/")[2]
    is_article = last.count("-") >= _TITLE_HYPHENS or bool(_NUMBER.search(last))
    return f"{path.count('/')}{ending[0] if ending else ''}?{names}{is_article}"


def _container(group: Sequence[_Link]) -> int | None:
    """Return the parent of the innermost element around all of the links, or that itself at the top."""
    paths = [list(ancestors(link.node)) for link in group]
    shared = set.intersection(*({node.mem_id for node in path} for path in paths))
    inner = next((node for node in paths[0] if node.mem_id in shared), None)
    if inner is None:
        return None
    parent = inner.parent
    return inner.mem_id if parent is None or parent.tag in ("body", "html") else parent.mem_id


def _titled(group: Sequence[_Link]) -> list[_Link]:
    """Return the links of a list that have a title: a short one where most others are longer."""
    long = [link for link in group if len(link.text) >= _MIN_TITLE]
    others = [link for link in group if len(link.text) < _MIN_TITLE and not _READ_ON.match(link.text)]
    short = [link for link in others if len(link.text.split()) >= _MIN_SHORT_WORDS]
    return [*long, *short] if len(long) >= len(others) else long


def _find_beside(
    tree: LexborHTMLParser, links: Sequence[_Link], titled: Sequence[_Link], context: ParseContext
) -> _Beside:
    titles = {link.title.mem_id: link.key for link in titled}
    # In links around whole cards, what is beside the title counts for it.
    cards = frozenset(link.node.mem_id for link in links if link.title.mem_id != link.node.mem_id)
    texts = _texts_beside(tree, titles, cards)
    dated = {
        key
        for key, parts in texts.items()
        if any(map(_DAY.fullmatch, parts)) or context.find_date(" ".join(parts)[:_MAX_BESIDE])
    }
    with_lead = {
        key
        for key, parts in texts.items()
        if any(len(part) >= _MIN_LEAD and not only_date(part, context) for part in parts)
    }
    with_image = {
        urls.canonical_url(url)
        for node in tree.css("a[href]")
        if node.css_first("img") is not None and (url := context.absolute_url(node.attributes.get("href")))
    }
    return _Beside(frozenset(dated), frozenset(with_lead), frozenset(with_image & set(titles.values())))


def _texts_beside(
    tree: LexborHTMLParser, titles: Mapping[int, str], cards: frozenset[int]
) -> dict[str, list[str]]:
    """Return the texts behind each title, up to the next one, without those of links; `titles` are keys."""
    texts: dict[str, list[str]] = defaultdict(list)
    silent: set[int] = set()  # texts of titles and links
    inside = {heading.mem_id for heading in tree.css("a h1, a h2")}
    key, length = "", 0
    for node in tree.body.traverse(include_text=True) if tree.body is not None else ():
        node_id = node.mem_id
        if node_id in titles:
            key, length = titles[node_id], 0
        if node_id in titles or (node.tag == "a" and node_id not in cards):
            silent |= {part.mem_id for part in node.traverse(include_text=True) if part.is_text_node}
        elif node.tag in _PAGE_HEADINGS and node_id not in inside and not contains(node, "a"):
            key = ""  # of what follows: the link before it was of a menu
        if node.is_text_node and node_id not in silent and key and length < _MAX_BESIDE:
            text = " ".join((node.text_content or "").split())
            length += len(text)
            texts[key] += [text] if text else []
    return texts
