"""Finding the links to articles on a listing page, when nothing says which they are.

Links that stand in the same place of repeated elements are one list; the list with most to read is it.
"""

import re
from collections import Counter, defaultdict
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.domain.text import words
from service.sources import links
from service.sources.html_tree import ancestors
from service.sources.main_text import asides_of, is_beside
from service.sources.standpoint import Standpoint
from service.sources.text_lengths import measured

_MOST = 3_000  # links of a page that are looked at
_FEWEST = 2  # links that make a list
_TITLE = 20  # characters from which a link's text may be a title
_LONGEST = 300
_WORDS = 5  # of a title, at the least
_NAME = 0.3  # what a shorter text counts for
_HYPHENS = 3  # that make the last part of an address a title
_LEVELS = 3  # elements around a link that make its place
_NO_ARTICLE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|zip|rar|jpe?g|png|gif|mp[34])$|/(?:tag|tags|category|author|login|dang-nhap)/|/(?:rss|feed)/?$",
    re.IGNORECASE,
)

Link = tuple[LexborNode, str]


def article_links(tree: LexborHTMLParser, at: Standpoint) -> list[LexborNode]:
    """The links of the page's main list, and others beside it that look like them, in the page's order."""
    asides = asides_of(tree, measured(tree.body)) - {node.mem_id for node in tree.css("a")}
    found = [
        (node, url)
        for node in tree.css("a[href]")[:_MOST]
        if not is_beside(node, asides) and (url := _address(node, at))
    ]
    groups: dict[str, list[Link]] = defaultdict(list)
    for node, url in found:
        groups[_place(node)].append((node, url))
    best = max(groups.values(), key=_worth, default=[])
    if _worth(best) == 0:
        return []
    shapes = Counter(_shape(url) for _, url in best)
    shape = shapes.most_common(1)[0][0]
    around = _common(best)
    alike = {node.mem_id for node, url in found if _shape(url) == shape and _is_within(node, around)}
    chosen = alike | {node.mem_id for node, _ in best}
    return [node for node, _ in found if node.mem_id in chosen]


def _address(node: LexborNode, at: Standpoint) -> str | None:
    """The link's address, where it may be an article's: of this portal, long enough, in no menu."""
    length = len(" ".join(node.text().split()))
    url = at.link(node.attributes.get("href"))
    if not _TITLE <= length <= _LONGEST or url is None:
        return None
    parts, own = urlsplit(url), urlsplit(at.base)
    if _site(parts.netloc) != _site(own.netloc) or _NO_ARTICLE.search(parts.path):
        return None
    if not (parts.path.strip("/") or parts.query) or links.identity(url) == links.identity(at.base):
        return None
    return url


def _site(host: str) -> str:
    return ".".join(host.lower().removeprefix("www.").split(".")[-3:])


def _place(node: LexborNode) -> str:
    return " ".join(_step(one) for one in (node, *islice(ancestors(node), _LEVELS)))


def _step(node: LexborNode) -> str:
    """The element and its classes; digits and `first`, `odd`, `active` do not make another place."""
    classes = re.sub(r"\d+|\b(?:first|last|odd|even|active|item-)\b", "", node.attributes.get("class") or "")
    return f"{node.tag}.{'.'.join(sorted(classes.split()))}"


def _worth(group: list[Link]) -> float:
    """How much there is to read under different addresses; titles are longer than names of sections."""
    titles = {links.identity(url): " ".join(node.text().split()) for node, url in group}
    if len(titles) < _FEWEST:
        return 0.0
    return sum(
        min(len(title), 120) * (1.0 if len(words(title)) >= _WORDS else _NAME) for title in titles.values()
    )


def _shape(url: str) -> str:
    """What addresses of one kind share: depth, ending, names of parameters, whether they hold a number."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    ending = re.search(r"\.\w{2,5}$", path)
    names = ",".join(sorted(one.split("=")[0] for one in parts.query.split("&") if one))
    numbered = bool(re.search(r"\d{2}", path.rpartition("/")[2]))
    long = path.rpartition("/")[2].count("-") >= _HYPHENS
    return f"{path.count('/')}{ending[0] if ending else ''}?{names}{numbered}{long}"


def _common(group: list[Link]) -> LexborNode | None:
    """The innermost element around all of them."""
    paths = [list(ancestors(node)) for node, _ in group]
    shared = set.intersection(*({one.mem_id for one in path} for path in paths))
    return next((one for one in paths[0] if one.mem_id in shared), None)


def _is_within(node: LexborNode, around: LexborNode | None) -> bool:
    if around is None:
        return False
    outer = (
        around.parent if around.parent is not None and around.parent.tag not in ("body", "html") else around
    )
    return any(one.mem_id == outer.mem_id for one in ancestors(node))
