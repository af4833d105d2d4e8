"""Finding the links to articles on a listing page, when nothing says which they are.

Links that stand in the same place of repeated elements are one list; the list with most to read is it,
where a date, some text or a picture beside a title counts for more than its length.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.main_text import asides_of, is_beside
from service.articles.extract.text_lengths import measured
from service.articles.sources.context import ParseContext
from service.articles.sources.listing_beside import Beside, beside
from service.articles.sources.listing_titles import is_title, title_node
from service.articles.text import urls
from service.articles.text.html_tree import ancestors, class_of, text_of

_MOST = 3_000  # links of a page that are looked at
_FEWEST = 2  # links that make a list
_TITLE = 20  # characters from which a link's text may be a title
_SHORTEST, _LONGEST = 8, 300
_NAME = 0.3  # what a shorter text counts for
_HYPHENS = 3  # that make the last part of an address a title
_LEVELS = 3  # elements around a link that make its place
_NO_ARTICLE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|rar|jpe?g|png|gif|mp[34])$|/(?:tag|tags|category|author|login|dang-nhap)/|/(?:rss|feed)/?$",
    re.IGNORECASE,
)

_NO_PLACE = re.compile(r"\d+|\b(?:first|last|odd|even|active|item-)\b")
_ENDING = re.compile(r"\.\w{2,5}$")
_NUMBERED = re.compile(r"\d{2}")


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that may lead to an article: the element of its title, its text, and where it leads."""

    node: LexborNode
    title: LexborNode
    text: str
    url: str
    address: str


def article_links(tree: LexborHTMLParser, at: ParseContext) -> list[LexborNode]:
    """The links of the page's main list, and others that look like them, in the page's order."""
    asides = asides_of(tree, measured(tree.body)) - {node.mem_id for node in tree.css("a")}
    anchors = (node for node in tree.css("a[href]")[:_MOST] if not is_beside(node, asides))
    found = [link for node in anchors if (link := _link(node, at))]
    groups: dict[str, list[_Link]] = defaultdict(list)
    steps: dict[int, str] = {}  # what many links have around them is looked at once
    for link in found:
        groups[_place(link.node, steps)].append(link)
    near = beside(
        tree,
        {link.title.mem_id: link.address for link in found if len(link.text) >= _TITLE},
        [link.node.mem_id for link in found if link.title.mem_id != link.node.mem_id],
        at,
    )
    best = max(groups.values(), key=lambda group: _worth(group, near), default=[])
    if _worth(best, near) == 0:
        return []
    alike = _alike(found, best, near)
    return [link.node for link in found if link.node.mem_id in alike]


def _alike(found: list[_Link], best: list[_Link], near: Beside) -> set[int]:
    """The links of the best list, and those of the same kind that have something beside them or follow it.

    Where addresses of one kind have something beside them, those of other kinds are a menu in like cells.
    """
    kinds = {_shape(link.url) for link in best if near.weight(link.address) > 1}
    best = [link for link in best if not kinds or _shape(link.url) in kinds]
    kind = Counter(_shape(link.url) for link in best).most_common(1)[0][0]
    around = _common(best)
    alike = {link.node.mem_id for link in best}
    first, begun = best[0].node.mem_id, False
    for link in found:
        begun = begun or link.node.mem_id == first
        if len(link.text) < _TITLE or _shape(link.url) != kind:
            continue
        if near.weight(link.address) > 1 or (begun and _is_within(link.node, around)):
            alike.add(link.node.mem_id)
    return alike


def _link(node: LexborNode, at: ParseContext) -> _Link | None:
    """The link, where it may be an article's: to this portal, long enough."""
    url = at.link(node.attributes.get("href"))
    if url is None:
        return None
    parts, own = urlsplit(url), urlsplit(at.base)
    if _site(parts.netloc) != _site(own.netloc) or _NO_ARTICLE.search(parts.path):
        return None
    address = urls.canonical_url(url)
    if not (parts.path.strip("/") or parts.query) or address == urls.canonical_url(at.base):
        return None
    title = title_node(node, at)
    text = text_of(title)
    return _Link(node, title, text, url, address) if _SHORTEST <= len(text) <= _LONGEST else None


def _site(host: str) -> str:
    return ".".join(host.lower().removeprefix("www.").split(".")[-3:])


def _place(node: LexborNode, steps: dict[int, str]) -> str:
    around = (node, *islice(ancestors(node), _LEVELS))
    for one in around:
        if one.mem_id not in steps:
            steps[one.mem_id] = _step(one)
    return " ".join(steps[one.mem_id] for one in around)


def _step(node: LexborNode) -> str:
    """The element and its classes; digits and `first`, `odd`, `active` do not make another place."""
    classes = _NO_PLACE.sub("", class_of(node))
    return f"{node.tag}.{'.'.join(sorted(classes.split()))}"


def _worth(group: list[_Link], near: Beside) -> float:
    """How much there is to read under different addresses; titles are longer than names of sections.

    More links count for more, but not in proportion: menus are long.
    """
    titles = {link.address: link.text for link in group}
    if len(titles) < _FEWEST or not any(len(text) >= _TITLE for text in titles.values()):
        return 0.0
    each = (
        min(len(text), 120) * (1.0 if is_title(text) else _NAME) * near.weight(address)
        for address, text in titles.items()
    )
    return sum(each) / sqrt(len(titles))


def _shape(url: str) -> str:
    """What addresses of one kind share: depth, ending, parameters, and a number or a title at the end."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    ending = _ENDING.search(path)
    names = ",".join(sorted(one.split("=")[0] for one in parts.query.split("&") if one))
    last = path.rpartition("/")[2]
    telling = last.count("-") >= _HYPHENS or bool(_NUMBERED.search(last))
    return f"{path.count('/')}{ending[0] if ending else ''}?{names}{telling}"


def _common(group: list[_Link]) -> LexborNode | None:
    """The innermost element around all of them."""
    paths = [list(ancestors(link.node)) for link in group]
    shared = set.intersection(*({one.mem_id for one in path} for path in paths))
    return next((one for one in paths[0] if one.mem_id in shared), None)


def _is_within(node: LexborNode, around: LexborNode | None) -> bool:
    if around is None:
        return False
    outer = (
        around.parent if around.parent is not None and around.parent.tag not in ("body", "html") else around
    )
    return any(one.mem_id == outer.mem_id for one in ancestors(node))
