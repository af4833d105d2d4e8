"""Reading an article's page by the selectors of the configuration."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.found import Extracted, joined
from service.articles.extract.headline import read
from service.articles.model import ImageCandidate, Published
from service.articles.sources.context import ParseContext
from service.articles.text import bylines, plain_text, sanitise
from service.articles.text.html_tree import outer_html, select
from service.settings.model import Selectors

_MOST = 50  # elements of one kind that are looked at
_LONGEST_DATE = 10_000  # characters of an element that holds a date
_LONGEST_TEXT = 3_000_000  # characters of markup
_ADDRESSES = ("data-src", "data-original", "data-lazy-src", "src", "content", "href")


def article_in(tree: LexborHTMLParser, at: ParseContext) -> Extracted:
    """What the selectors find; those that are empty or find nothing leave their part to other ways.

    Raises:
        UpstreamError: for a selector that is no CSS.
    """
    selectors = at.source.selectors
    titles = [read(node, at) for node in select(tree, selectors.title)[:_MOST]]
    author, organisation = _people(select(tree, selectors.author)[:_MOST])
    blocks = list(_blocks(select(tree, selectors.body)))
    pictures = [_picture(node, at) for node in select(tree, selectors.image)[:_MOST]]
    return Extracted(
        title=next((one.text for one in titles if one.text), ""),
        lead=" ".join(
            lead for node in select(tree, selectors.lead)[:1] if (lead := plain_text.lead(outer_html(node)))
        ),
        published=_date(select(tree, selectors.date)[:_MOST], at)
        or next((one.published for one in titles), None),
        author=author,
        organisation=organisation,
        pictures=joined((*filter(None, pictures), *sanitise.sanitise_html("".join(blocks), at.base).images)),
        body_html="\n".join(blocks) or None,
    )


def idle(tree: LexborHTMLParser, selectors: Selectors) -> list[str]:
    """The selectors for an article's page that find no element on this one, as they are written.

    Raises:
        UpstreamError: for a selector that is no CSS.
    """
    told = {name: getattr(selectors, name) for name in ("title", "date", "lead", "author", "image", "body")}
    return [f"{name} “{one}”" for name, one in told.items() if one and not select(tree, one)]


def _blocks(nodes: list[LexborNode]) -> Iterator[str]:
    """The markup of these elements, which may be within each other, until there is more than any text has."""
    length = 0
    for node in nodes:
        markup = node.inner_html or ""
        length += len(markup)
        if length > _LONGEST_TEXT:
            return
        if markup:
            yield markup


def _date(nodes: list[LexborNode], at: ParseContext) -> Published | None:
    for node in nodes:
        attributes = node.attributes
        for written in (attributes.get("datetime"), attributes.get("content"), node.text(separator=" ")):
            beginning = (written or "")[:_LONGEST_DATE]
            found = at.date_within(beginning) if beginning else None
            whole = at.date(beginning) if beginning else None
            if whole or found:
                return whole or (found[0] if found else None)
    return None


def _people(nodes: list[LexborNode]) -> tuple[str | None, str | None]:
    lines = (
        node.attributes.get("content") or plain_text.from_long_markup(outer_html(node)) for node in nodes
    )
    people = (bylines.parse(line) for line in lines if line)
    return next(((author, unit) for author, unit in people if author or unit), (None, None))


def _picture(node: LexborNode, at: ParseContext) -> ImageCandidate | None:
    if node.tag != "img" and not any(node.attributes.get(name) for name in _ADDRESSES):
        found = sanitise.sanitise_html(outer_html(node), at.base).images
        return next(iter(found), None)
    attributes = node.attributes
    address = next((value for name in _ADDRESSES if (value := attributes.get(name))), "")
    return at.picture(
        address,
        attributes.get("width"),
        attributes.get("height"),
        alt=plain_text.from_markup(attributes.get("alt") or ""),
    )
