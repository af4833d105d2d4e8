"""Extract an article by the CSS selectors of the source's configuration."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import signatures
from service.articles.extract.context import Extracted, ParseContext, merge_images
from service.articles.extract.titles import read_headline
from service.articles.model import ImageCandidate, Published
from service.articles.text import bylines, image_links, plain_text, sanitise
from service.articles.text.bylines import Byline
from service.articles.text.html_tree import ancestors, outer_html, select
from service.core.errors import UpstreamError
from service.settings.model import ArticleSource, Selectors

_MAX_NODES = 50  # elements for one selector
_MAX_DATE = 10_000  # characters of an element that holds a date
_MAX_TEXT = 3_000_000  # characters of markup
_PARAGRAPHS = frozenset({"p", "div", "h4", "h5", "h6", "center", "li", "td"})
_URL_ATTRIBUTES = ("content", "href", "src", "data-src", "data-original")  # of what is no `img`


@dataclass(frozen=True, slots=True)
class Selected:
    """What the selectors match: the parts, and the elements of text and lead."""

    parts: Extracted
    text: tuple[LexborNode, ...]
    lead: LexborNode | None


def extract(tree: LexborHTMLParser, context: ParseContext) -> Selected:
    """Return what the selectors match; parts without a match are left to other ways.

    Raises:
        UpstreamError: for a selector that is not CSS.
    """
    selectors = context.source.selectors
    headlines = [read_headline(node, context) for node in select(tree, selectors.title)[:_MAX_NODES]]
    text = tuple(_outermost(select(tree, selectors.body)))
    author, organisation = _byline(select(tree, selectors.author)[:_MAX_NODES], text)
    images = [_image(node, context) for node in select(tree, selectors.image)[:_MAX_NODES]]
    lead = next(iter(select(tree, selectors.lead)), None)
    published = _date(select(tree, selectors.date)[:_MAX_NODES], context)
    parts = Extracted(
        title=next((headline.text for headline in headlines if headline.text), ""),
        lead=_lead(lead) if lead is not None else "",
        published=published or next((headline.published for headline in headlines), None),
        author=author,
        organisation=organisation,
        images=merge_images(filter(None, images)),
    )
    return Selected(parts, text, lead)


def unmatched_selectors(tree: LexborHTMLParser, selectors: Selectors) -> list[str]:
    """Return the selectors for an article's page that match nothing on this one, as they are configured.

    Raises:
        UpstreamError: for a selector that is not CSS.
    """
    configured = asdict(selectors)
    del configured["links"]  # of the listing page
    return [
        f"{name} “{selector}”"
        for name, selector in configured.items()
        if selector and not select(tree, selector)
    ]


def selector_faults(sources: Iterable[ArticleSource]) -> list[str]:
    """Return a line for each configured selector that is not CSS, for the operator."""
    page = LexborHTMLParser("<p></p>")
    faults = []
    for source in sources:
        for name, selector in asdict(source.selectors).items():
            try:
                select(page, selector)
            except UpstreamError:
                faults.append(
                    f'articles.source[{source.id}].{name}: not a CSS selector ("{selector}");'
                    " write for example div.news h3 a"
                )
    return faults


def _outermost(nodes: Iterable[LexborNode]) -> Iterator[LexborNode]:
    """Yield the elements that are in none before them and hold something, up to a length that no text has."""
    length = 0
    chosen: set[int] = set()
    for node in nodes:
        if any(around.mem_id in chosen for around in ancestors(node)):
            continue
        markup = node.inner_html or ""
        length += len(markup)
        if length > _MAX_TEXT:
            return
        if markup.strip():
            chosen.add(node.mem_id)
            yield node


def _lead(node: LexborNode) -> str:
    content = node.attributes.get("content") if node.tag == "meta" else None
    return plain_text.whole_lead(escape(content) if content else outer_html(node))


def _date(nodes: Iterable[LexborNode], context: ParseContext) -> Published | None:
    for node in nodes:
        attributes = node.attributes
        for value in (attributes.get("datetime"), attributes.get("content"), node.text(separator=" ")):
            text = (value or "")[:_MAX_DATE]
            if text and (published := context.parse_date(text)):
                return published
            if text and (found := context.find_date(text)):
                return found[0]
    return None


def _byline(nodes: Sequence[LexborNode], text: Sequence[LexborNode]) -> Byline:
    read = ((node, _names(node, text)) for node in nodes)
    return signatures.join_marked([(node, byline) for node, byline in read if any(byline)])


def _names(node: LexborNode, text: Sequence[LexborNode]) -> Byline:
    """Return whom an element names; a paragraph of the text, such as its last one, may name nobody."""
    content = node.attributes.get("content")
    if content:
        return bylines.parse(content)
    around = {one.mem_id for one in ancestors(node)}
    block = next((one for one in text if one.mem_id in around), None)
    is_paragraph = block is not None and node.tag in _PARAGRAPHS
    return signatures.read_paragraph(node) if is_paragraph else signatures.read_node(node)


def _image(node: LexborNode, context: ParseContext) -> ImageCandidate | None:
    """Return the image that the element is, contains, links to or has for its background."""
    linked = node.attributes.get("href") or ""
    if image_links.is_image_file("", linked):
        return context.image(linked)
    is_in_picture = node.tag == "img" and node.parent is not None and node.parent.tag == "picture"
    around = node.parent if is_in_picture and node.parent is not None else node
    images = sanitise.images_in(outer_html(around), context.base)
    if images:
        return images[0]
    url = next((value for name in _URL_ATTRIBUTES if (value := node.attributes.get(name))), "")
    alt = plain_text.from_markup(node.attributes.get("alt") or "")
    return context.image(url or image_links.background_of(node), alt=alt)
