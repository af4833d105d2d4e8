"""What stands beside the links of a listing page: news have a date, some text or a picture, menus have not.

Text belongs to the link before it, until the next title begins. Short links in between, such as sections
and "Xem tiếp", neither speak nor end that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.titles import is_only_date
from service.articles.sources.context import ParseContext
from service.articles.text import urls as links

_FAR = 600  # characters behind a link; what follows belongs to the end of the page
_LEAD = 40  # characters of text from which it tells of an article
_DATED, _TOLD, _PICTURED = 3.0, 2.0, 1.5


@dataclass(frozen=True, slots=True)
class Beside:
    """Which addresses have what beside them; addresses are identities."""

    dated: frozenset[str]
    told: frozenset[str]
    pictured: frozenset[str]

    def weight(self, address: str) -> float:
        """How much more the address looks like an article's than a bare link; 1 for a bare link."""
        weight = _DATED if address in self.dated else 1.0
        weight *= _TOLD if address in self.told else 1.0
        return weight * (_PICTURED if address in self.pictured else 1.0)


def beside(
    tree: LexborHTMLParser, titles: Mapping[int, str], wrapping: Iterable[int], at: ParseContext
) -> Beside:
    """What stands beside the titles, whose addresses are given by the `mem_id` of their elements.

    `wrapping` are links around whole cards: what is in them beside the title speaks for it.
    """
    texts = _texts(tree, titles, frozenset(wrapping))
    dated = {address for address, parts in texts.items() if at.date_within(" ".join(parts)[:_FAR])}
    told = {
        address
        for address, parts in texts.items()
        if any(len(part) >= _LEAD and not is_only_date(part, at) for part in parts)
    }
    return Beside(frozenset(dated), frozenset(told), _pictured(tree, at) & frozenset(titles.values()))


def _texts(
    tree: LexborHTMLParser, titles: Mapping[int, str], wrapping: frozenset[int]
) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    silent: set[int] = set()
    address, length = "", 0
    for node in tree.body.traverse(include_text=True) if tree.body is not None else ():
        key = node.mem_id
        if key in titles:
            address, length = titles[key], 0
        if key in titles or (node.tag == "a" and key not in wrapping):
            silent |= {one.mem_id for one in node.traverse(include_text=True) if one.is_text_node}
        if node.is_text_node and key not in silent and address and length < _FAR:
            words = " ".join((node.text_content or "").split())
            length += len(words)
            texts[address] += [words] if words else []
    return texts


def _pictured(tree: LexborHTMLParser, at: ParseContext) -> frozenset[str]:
    around = (node for node in tree.css("a[href]") if _shows_a_picture(node))
    urls = (at.link(node.attributes.get("href")) for node in around)
    return frozenset(links.canonical_url(url) for url in urls if url)


def _shows_a_picture(node: LexborNode) -> bool:
    return node.css_first("img") is not None
