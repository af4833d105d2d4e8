"""What stands around one link of a listing: title, date, picture and lead of the article it leads to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice

from selectolax.lexbor import LexborNode

from service.articles.extract.headline import read
from service.articles.extract.titles import chosen, is_only_date
from service.articles.model import ImageCandidate, Published
from service.articles.sources.context import ParseContext
from service.articles.sources.listing_titles import rank, title_node
from service.articles.text import plain_text, sanitise, urls
from service.articles.text.html_tree import ancestors, contains, outer_html, text_of
from service.core.folding import fold

_BLOCKS = "p, div, td, li, h1, h2, h3, h4, h5, a, dd, ul, table"
_LEAD = 40  # characters from which a text beside the title is a lead
_LAST_FOLLOWERS = 2  # elements after the last title that may be its own; more are the end of the page
_SEVERAL = "\0"  # no address
_COMPARED = 3_000  # characters of a text, ten times the longest title
_MOST_TEXTS = 300  # of one card that are compared with its title
_LARGEST = 40_000  # characters of markup of one card; more is the page and no card


@dataclass(frozen=True, slots=True)
class Card:
    """One article as the listing shows it."""

    url: str
    title: str
    published: Published | None = None
    lead: str = ""
    pictures: tuple[ImageCandidate, ...] = ()


def cards_of(anchors: Sequence[LexborNode], at: ParseContext) -> list[Card]:
    """One card for each address, in the page's order."""
    addresses = {
        anchor.mem_id: urls.canonical_url(at.link(anchor.attributes.get("href")) or "") for anchor in anchors
    }
    titled: dict[str, LexborNode] = {}
    for anchor in anchors:
        known = titled.get(addresses[anchor.mem_id])
        if known is None or rank(anchor, at) > rank(known, at):
            titled[addresses[anchor.mem_id]] = anchor
    owners = _owners(anchors, addresses)
    return [card for identity, anchor in titled.items() if (card := card_of(anchor, identity, owners, at))]


def _owners(anchors: Sequence[LexborNode], addresses: Mapping[int, str]) -> dict[int, str]:
    """By the `mem_id` of every element that holds links: their address, or _SEVERAL.

    To go through an element anew for each of its links takes time by the square of their number.
    """
    owners: dict[int, str] = {}
    for anchor in anchors:
        address = addresses[anchor.mem_id]
        for one in (anchor, *ancestors(anchor)):
            known = owners.get(one.mem_id)
            if known == _SEVERAL:
                break  # and so is whatever is around it
            owners[one.mem_id] = address if known in (None, address) else _SEVERAL
    return owners


def card_of(anchor: LexborNode, identity: str, owners: Mapping[int, str], at: ParseContext) -> Card | None:
    """The link's card; `owners` tells whose links an element holds."""
    url = at.link(anchor.attributes.get("href"))
    if url is None:
        return None
    headline = read(title_node(anchor, at), at)
    parts = _parts(anchor, identity, owners)
    title = chosen(headline.text, [plain_text.title(anchor.attributes.get("title") or "")])
    pictures = (hint for part in parts for hint in sanitise.sanitise_html(outer_html(part), at.base).images)
    return Card(
        url=url,
        title=title,
        published=headline.published or _date(parts, title, at),
        lead=_lead(parts, title, at),
        pictures=tuple(pictures),
    )


def _parts(anchor: LexborNode, identity: str, owners: Mapping[int, str]) -> list[LexborNode]:
    """The largest element with links to this article only, and what follows it up to the next one's."""
    whole = anchor
    while whole.parent is not None and whole.parent.tag not in ("body", "html"):
        if _holds_others(whole.parent, identity, owners):
            break
        whole = whole.parent
    if len(outer_html(whole)) > _LARGEST:
        return [anchor]
    return [whole, *_followers(whole, identity, owners)]


def _followers(whole: LexborNode, identity: str, owners: Mapping[int, str]) -> Iterator[LexborNode]:
    """Rows or terms that belong to the title before them; only where another article's title ends them."""
    followers: list[LexborNode] = []
    sibling = whole.next
    while sibling is not None:
        if sibling.is_element_node:
            if _holds_others(sibling, identity, owners):
                yield from followers
                return
            followers.append(sibling)
        sibling = sibling.next
    if len(followers) <= _LAST_FOLLOWERS:
        yield from followers


def _holds_others(node: LexborNode, identity: str, owners: Mapping[int, str]) -> bool:
    return owners.get(node.mem_id, identity) != identity


def _date(parts: Sequence[LexborNode], title: str, at: ParseContext) -> Published | None:
    """Of a marked element, else the first outside the title."""
    for part in parts:
        for node in part.css("time[datetime]"):
            published = at.date(node.attributes.get("datetime") or "")
            if published:
                return published
    folded = fold(title)
    for words in _texts(parts):
        found = None if fold(words[:_COMPARED]) in folded else at.date_within(words)
        if found:
            return found[0]
    return None


def _texts(parts: Sequence[LexborNode]) -> list[str]:
    """The text of every innermost block, each once, as a date may be spread over inline elements."""
    return list(islice(dict.fromkeys(_all_texts(parts)), _MOST_TEXTS))


def _all_texts(parts: Sequence[LexborNode]) -> Iterator[str]:
    for part in parts:
        for node in part.css("*"):
            words = text_of(node)
            if words and not contains(node, _BLOCKS):
                yield words
        own = " ".join(part.text(deep=False, separator=" ").split())
        if own:
            yield own


def _lead(parts: Sequence[LexborNode], title: str, at: ParseContext) -> str:
    """The longest text beside the title that is neither the title nor a date."""
    texts = [words for words in _texts(parts) if len(words) >= _LEAD]
    own = [words for words in texts if not _repeats(words, fold(title)) and not is_only_date(words, at)]
    return plain_text.lead(escape(max(own, key=len, default="")))


def _repeats(words: str, title: str) -> bool:
    """Whether a text says the title (folded), or a part of it."""
    folded = fold(words[:_COMPARED])
    return title in folded or folded in title
