"""Sanitise an article's HTML: a small set of tags, absolute links, our own images for the source's.

Steps: the markup is parsed, its images are collected with their captions, and the tree is rewritten as
paragraphs with a placeholder for each image; nh3 removes every tag and attribute that is not allowed; the
placeholders become figures with images of our own store. nh3 sees everything that a source wrote.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

import nh3
from selectolax.lexbor import LexborNode

from service.articles.model import ArticleImage, ImageCandidate
from service.articles.text import documents, html_tree, image_links, plain_text, urls
from service.articles.text.captions import CaptionFinder
from service.core.errors import UpstreamError
from service.core.folding import fold


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_MAX_MARKUP = 400_000  # characters; the rest is cut off
_MAX_TAGS = 200_000  # the length of the markup bounds the work
_MAX_OUTPUT = 800_000  # characters; unclosed tags can multiply

_BLOCK_TAGS = frozenset({"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote"})
_INLINE_TAGS = frozenset({"strong", "b", "em", "i", "u", "sub", "sup", "a"})
_TABLE_TAGS = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
_ALLOWED_TAGS = _BLOCK_TAGS | _INLINE_TAGS | _TABLE_TAGS | {"figure", "figcaption"}
_ALLOWED_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_CLEANER = nh3.Cleaner(
    tags=set(_ALLOWED_TAGS),
    attributes=_ALLOWED_ATTRIBUTES,
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow noopener",
)

_OUR_IMAGE = re.compile(r"/images/[0-9a-f]{16,128}\.webp")
_WITHOUT_SOURCE = re.compile(r"<img(?![^<>]*? src=)[^<>]*+>")
_IMAGE_ATTRIBUTES = {"src", "alt", "width", "height", "loading", "decoding"}


def _only_ours(tag: str, name: str, value: str) -> str | None:
    """Keep a picture's address only if it is one of ours, and a link's only if it is absolute."""
    if name == "src":
        return value if _OUR_IMAGE.fullmatch(value) else None
    if name == "href":
        return value if value.lower().startswith(("http://", "https://")) else None
    return value if tag == "img" or name == "rel" or value.isdecimal() else None


_AGAIN = nh3.Cleaner(
    tags=set(_ALLOWED_TAGS) | {"img"},
    attributes=_ALLOWED_ATTRIBUTES | {"img": _IMAGE_ATTRIBUTES},
    attribute_filter=_only_ours,
    url_schemes={"http", "https"},
    url_relative="pass_through",
    link_rel="nofollow noopener",
)

_HOLDS_IMAGE = re.compile(r"<(?:img|image|amp-img|amp-anim)\b", re.IGNORECASE)
_MAX_LINK_LEVELS = 4  # elements between an image and its link
_MIN_SIDE = 32  # pixels; smaller images are trackers or decoration
_MAX_ALT = 1_000  # characters
_MAX_IMAGES = 200  # of one article

_DROPPED = _names(
    "script style noscript template iframe frame object embed applet svg math video audio canvas img"
    " source map button select input textarea option datalist nav head title meta link base"
)
_PARAGRAPH_TAGS = _names(
    "p div section article main header footer aside form fieldset legend address center pre dl dt dd"
    " details summary hgroup dir menu"
)
_BLOCKS = {  # allowed blocks, and what other headings become
    **dict.fromkeys(("h1", "h2"), "h2"),
    "h3": "h3",
    **dict.fromkeys(("h4", "h5", "h6"), "h4"),
    **{name: name for name in ("ul", "ol", "blockquote", "table", "figure")},
}
_KEPT_TAGS = _names("li figcaption caption thead tbody tfoot tr strong b em i u sub sup")
_CELLS = frozenset({"td", "th"})
_MAX_SPAN = 50  # columns or rows of a cell; browsers would draw thousands
_SPAN = re.compile(r"\s*0*([1-9]\d?)\s*", re.ASCII)
_WHITE_SPACE = re.compile(r"[ \t\r\n\f\xa0\u3000]{2,}|[\t\r\n\f\u3000]")

_LINE_END = re.compile(r"\r\n|\r|\n")
_PREFORMATTED_STYLE = re.compile(r"white-space:\s*(?:pre|break-spaces)", re.IGNORECASE)
_PREFORMATTED_CLASS = re.compile(r"(?<![\w-])(?:white-?space-)?pre-(?:line|wrap)(?![\w-])", re.IGNORECASE)

_OPEN, _CLOSE = "\ue000", "\ue001"  # private use: removed from the text of sources
_DELIMITER = re.compile("[\ue000\ue001]")
_PLACEHOLDER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_INLINE_RUN = r"(?:</?(?:a|b|i|u|em|strong|sub|sup)\b[^<>]*+>|\s)*+"
_PLACEHOLDER_PARAGRAPH = re.compile(rf"<p>{_INLINE_RUN}((?:{_OPEN}\d++{_CLOSE}\s*+)++){_INLINE_RUN}</p>")
# A whole run of figures is matched, whether a heading ends behind it or not: trying it from each of its
# figures takes quadratic time.
_FIGURES_IN_HEADING = re.compile(
    r"((?:<figure>(?:(?!</figure>).)*+(?:</figure>|\Z)(?:<p>\s*+</p>)?+)++)(</h[234]>)?+", re.DOTALL
)

_EMPTY_ELEMENT = re.compile(
    r"<(p|h[234]|li|ul|ol|blockquote|strong|b|em|i|u|sub|sup|a|figure|figcaption|caption|table|thead|tbody|tfoot|tr)"
    r"(?:\s[^<>]*+)?>(?:\s|&nbsp;|<br>)*+</\1>"
)
_EMPTY_PASSES = 12  # each removes one level of empty elements
_BLANK_RUN = re.compile(r"(?:\s|&nbsp;|<br>)++")
_BLANK_EDGE = re.compile(r"(?<=<p>)(?:<br>|&nbsp;| ){1,2}|(?:<br>|&nbsp;| ){1,2}(?=</p>)")
_FIRST_PARAGRAPH = re.compile(
    r"(?P<before>(?:<figure>(?:(?!</figure>).)*+</figure>)*+)<(?P<name>p|h[234])>(?P<text>.*?)</(?P=name)>",
    re.DOTALL,
)
_BACK_LINK = re.compile(
    r"<(p|h[234]|li)>(?:<(?:a|b|i|u|em|strong)\b[^<>]*+>|\s){0,8}+(?:[«\u2039←]|&lt;)?\s?"
    r"(?:quay lại|trở về|về trang trước|in trang)\s?(?:</[^<>]++>|\s){0,8}</\1>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SanitisedHtml:
    """Sanitised HTML without images, and the images it had, in their order.

    `with_placeholders` is the same HTML with a placeholder where each image was.
    """

    html: str
    images: tuple[ImageCandidate, ...]
    with_placeholders: str = ""

    def with_images(self, stored: Mapping[str, ArticleImage]) -> str:
        """Return the HTML with images of our store in their places; `stored` is by the originals' URLs."""

        def figure(number: int) -> str:
            image = stored.get(self.images[number].url) if number < len(self.images) else None
            return _figure(image) if image else ""

        return _tidy(_replace_placeholders(self.with_placeholders, figure))


def sanitise_html_again(html: str) -> str:
    """Return sanitised HTML that was out of our hands: what `sanitise_html` makes, and nothing else."""
    return _WITHOUT_SOURCE.sub("", _AGAIN.clean(html[:_MAX_OUTPUT]))


def sanitise_html(markup: str, base: str) -> SanitisedHtml:
    """Return the article's text in a small set of tags; empty for markup that would take the parser too long.

    Args:
        markup: an article's HTML as its source wrote it; it is cut at 400,000 characters.
        base: the URL that its relative links start from.
    """
    body = _parse_body(markup)
    if body is None:
        return SanitisedHtml("", ())
    collected = _collect_images(body, base)
    collected.documents = documents.documents_without_text(body, base)
    images = tuple(collected.by_url.values())
    rewritten = _rewrite(body, base, collected)
    if len(rewritten) > _MAX_OUTPUT:
        return SanitisedHtml("", images)
    cleaned = _CLEANER.clean(rewritten)
    return SanitisedHtml(_tidy(_replace_placeholders(cleaned, lambda _: "")), images, cleaned)


def images_in(markup: str, base: str) -> tuple[ImageCandidate, ...]:
    """Return the images of an article's HTML alone, which takes a tenth of the time."""
    body = _parse_body(markup) if _HOLDS_IMAGE.search(markup) else None
    return tuple(_collect_images(body, base).by_url.values()) if body is not None else ()


def _parse_body(markup: str) -> LexborNode | None:
    try:
        return html_tree.parse_html(plain_text.remove_data_urls(markup)[:_MAX_MARKUP], _MAX_TAGS).body
    except UpstreamError:
        return None


def without_lead(html: str, lead: str) -> str:
    """Return sanitised HTML without its first paragraph, where that is the lead and not all there is."""
    first = _FIRST_PARAGRAPH.match(html) if lead else None
    if first is None or fold(plain_text.from_markup(first["text"])) != fold(lead):
        return html
    rest = first["before"] + html[first.end() :]
    return rest if plain_text.from_markup(rest) else html


@dataclass(slots=True)
class _CollectedImages:
    """The images by URL, and the elements that go with them, by `mem_id`.

    `captions` are elements to be left out; `positions` are replaced by the placeholders of these images,
    `documents` by links with this URL and text.
    """

    by_url: dict[str, ImageCandidate] = field(default_factory=dict)
    captions: set[int] = field(default_factory=set)
    positions: dict[int, list[int]] = field(default_factory=dict)
    documents: dict[int, tuple[str, str]] = field(default_factory=dict)


def _collect_images(body: LexborNode, base: str) -> _CollectedImages:
    """Collect every image once, with its caption; trackers and decoration are ignored."""
    collected = _CollectedImages()
    finder = CaptionFinder()
    for image in body.css("img")[:_MAX_IMAGES]:
        caption = finder.find(image)
        if _add_image(collected, image, caption.frame, base, caption.text):
            collected.captions |= {node.mem_id for node in caption.nodes}
    return collected


def _add_image(
    collected: _CollectedImages, image: LexborNode, position: LexborNode, base: str, caption: str
) -> bool:
    """Return whether it is an image of the article; it is added unless its URL is known."""
    if not is_picture(image):
        return False
    links = (urls.normalise_url(url, base) for url in image_links.addresses_of(image))
    url = next(filter(None, links), None)
    if url is None:
        return False
    attributes = image.attributes
    width, height = (image_links.pixels(attributes.get(side)) for side in ("width", "height"))
    alt = plain_text.from_markup(attributes.get("alt") or "")[:_MAX_ALT]
    if url not in collected.by_url:
        collected.positions.setdefault(position.mem_id, []).append(len(collected.by_url))
        collected.by_url[url] = ImageCandidate(url, width, height, alt, caption)
    return True


def is_picture(image: LexborNode) -> bool:
    """Return whether an image is neither tiny nor decoration, as far as its element tells.

    Before the name of a document, in its link, it is an icon.
    """
    sides = (image_links.pixels(image.attributes.get(side)) for side in ("width", "height"))
    is_tiny = any(side is not None and side < _MIN_SIDE for side in sides)
    if is_tiny or next(image_links.addresses_of(image), None) is None:
        return False
    around = image.parent
    for _ in range(_MAX_LINK_LEVELS):
        if around is None or around.tag == "a":
            break
        around = around.parent
    is_linked = around is not None and documents.is_document(around.attributes.get("href") or "")
    return not (around is not None and is_linked and around.text().strip())


def _rewrite(body: LexborNode, base: str, collected: _CollectedImages) -> str:
    """Return the content as paragraphs, lists and tables, with placeholders for the images.

    The output is not sanitised and need not be well nested: nh3 repairs it. Iterative, since elements may
    nest deeper than the call stack.
    """
    parts: list[str] = ["<p>"]
    stack: list[tuple[LexborNode | None, str, bool]] = [(body.child, "", False)]  # next sibling, its parent's
    while stack:  # closing tag, and whether line ends in it are line breaks
        node, closing, keeps_lines = stack.pop()
        if node is None:
            parts.append(closing)
            continue
        stack.append((node.next, closing, keeps_lines))
        if node.mem_id in collected.captions and node.mem_id not in collected.positions:
            continue
        if node.is_text_node:
            parts.append(_text(node.text() or "", keeps_lines=keeps_lines))
        elif node.mem_id in collected.positions:
            placeholders = (f"<p>{_OPEN}{number}{_CLOSE}</p>" for number in collected.positions[node.mem_id])
            parts.append(f"</p>{''.join(placeholders)}<p>")
        elif node.mem_id in collected.documents:
            parts.append(_document_link(node, *collected.documents[node.mem_id]))
            if node.tag == "a":  # there may be a picture in it
                stack.append((node.child, "", keeps_lines))
        elif node.is_element_node and node.tag not in _DROPPED:
            opening, closing = _tags(node, base)
            parts.append(opening)
            stack.append((node.child, closing, keeps_lines or _is_preformatted(node)))
    return "".join(parts)


def _text(text: str, *, keeps_lines: bool) -> str:
    lines = _LINE_END.split(text.strip("\r\n")) if keeps_lines else [text]
    visible = (plain_text.visible_text(_WHITE_SPACE.sub(" ", _remove_placeholders(line))) for line in lines)
    return "<br>".join(escape(line, quote=False) for line in visible)


def _is_preformatted(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        node.tag == "pre"
        or bool(_PREFORMATTED_STYLE.search(attributes.get("style") or ""))
        or bool(_PREFORMATTED_CLASS.search(html_tree.class_of(node)))
    )


def _document_link(node: LexborNode, url: str, name: str) -> str:
    link = f'<a href="{escape(url)}">{escape(name)}</a>'
    return link if node.tag == "a" else f"</p><p>{link}</p><p>"


def _tags(node: LexborNode, base: str) -> tuple[str, str]:
    """Return the tags to write around the element's content; what follows a block is a paragraph."""
    name = node.tag or ""
    if name in _PARAGRAPH_TAGS:
        return "<p>", "</p><p>"
    if name in _BLOCKS:
        return f"</p><{_BLOCKS[name]}>", f"</{_BLOCKS[name]}><p>"
    if name in ("br", "hr"):
        return ("<br>", "") if name == "br" else ("</p><p>", "")
    if name in _CELLS:
        return f"<{name}{_spans(node)}>", f"</{name}>"
    if name == "a":
        url = urls.normalise_url(node.attributes.get("href") or "", base)
        return (f'<a href="{escape(url)}">', "</a>") if url else ("", "")
    return (f"<{name}>", f"</{name}>") if name in _KEPT_TAGS else ("", "")


def _spans(cell: LexborNode) -> str:
    spans = ((name, _SPAN.fullmatch(cell.attributes.get(name) or "")) for name in ("colspan", "rowspan"))
    return "".join(f' {name}="{span[1]}"' for name, span in spans if span and 1 < int(span[1]) <= _MAX_SPAN)


def _replace_placeholders(html: str, figure: Callable[[int], str]) -> str:
    """Put figures in place of placeholders; one amid other words, which cannot take a figure, is removed."""

    def figures(paragraph: re.Match[str]) -> str:
        return "".join(figure(int(number)) for number in _PLACEHOLDER.findall(paragraph[1]))

    html = _remove_placeholders(_PLACEHOLDER_PARAGRAPH.sub(figures, html))
    # Figures at the end of a heading go behind it.
    return _FIGURES_IN_HEADING.sub(lambda match: (match[2] or "") + match[1], html)


def _remove_placeholders(text: str) -> str:
    """Remove placeholders, and characters of a source that would pass for their delimiters."""
    return _DELIMITER.sub("", _PLACEHOLDER.sub("", text))


def _figure(image: ArticleImage) -> str:
    """Return an image of our store: sized before it loads, loaded when it comes into view."""
    widest = image.variants[-1]
    caption = f"<figcaption>{escape(image.caption)}</figcaption>" if image.caption else ""
    return (
        f'<figure><img src="/images/{widest.hash}.webp" width="{widest.width}" height="{widest.height}"'
        f' alt="{escape(image.alt)}" loading="lazy">{caption}</figure>'
    )


def _tidy(html: str) -> str:
    """Remove elements that are empty without their images, blank runs, and "Quay lại" links."""
    html = _BACK_LINK.sub("", _BLANK_RUN.sub(_shorten_blank_run, html))
    for _ in range(_EMPTY_PASSES):
        html, removed = _EMPTY_ELEMENT.subn("", html)
        if not removed:
            break
    return _BLANK_EDGE.sub("", html).strip()


def _shorten_blank_run(blank: re.Match[str]) -> str:
    """Keep at most two line breaks, or one space."""
    breaks = blank[0].count("<br>")
    if breaks:
        return "<br>" * min(breaks, 2)
    return blank[0] if blank[0] == "&nbsp;" else " "
