"""Find the documents (PDF, Word, …) that a page links to or shows in a frame, and what to call them."""

import re
from collections.abc import Iterator
from posixpath import basename
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from service.articles.text import plain_text, urls
from service.articles.text.html_tree import ancestors

# What may hold a document, as a selector.
DOCUMENT_TAGS = "a[href], iframe, frame, embed, object, [data-pdf], [data-file], [data-url], [data-doc]"

_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf|zip|rar|7z)(?=$|[/?#&])", re.IGNORECASE
)  # Liferay puts an id behind the name
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})
_FRAME_ATTRIBUTES = ("src", "data", "data-src", "data-lazy-src")
_OTHER_ATTRIBUTES = ("data-pdf", "data-file", "data-url", "data-doc", "data-src")
_DOCUMENT_TYPE = re.compile(r"application/(?:pdf|msword|vnd\.)", re.IGNORECASE)
_PARAMETERS = frozenset({"url", "file", "src", "doc", "document", "pdf", "path", "link", "f"})  # of viewers
_SHARED_DRIVE = re.compile(
    r"https?://(?:drive\.google\.com/file/d/|docs\.google\.com/(?:document|spreadsheets|presentation)/d/"
    r"|onedrive\.live\.com/embed|1drv\.ms/)",
    re.IGNORECASE,
)
_MAX_ENDING = 8  # characters that the name of a file may end with
_MAX_DOCUMENTS = 500  # links and frames of a text
_MAX_NAME = 200  # characters
_MAX_URL = 4_000  # characters of a viewer's address


def is_document(url: str) -> bool:
    """Return whether a URL is a document's by its ending, which may be that of a parameter."""
    return _DOCUMENT.search(unquote(url[:_MAX_URL])) is not None


def documents_without_text(body: LexborNode, base: str) -> dict[int, tuple[str, str]]:
    """Return URL and name of the documents in frames and behind icons, each once, by the elements' `mem_id`.

    A frame whose document is linked beside it is left out.
    """
    nodes = [node for node in body.css(DOCUMENT_TAGS)[:_MAX_DOCUMENTS] if not _is_in_frame(node)]
    found = [(node, url) for node in nodes if (url := document_of(node, base))]
    known = {url for node, url in found if node.tag == "a" and node.text().strip()}
    bare: dict[int, tuple[str, str]] = {}
    for node, url in found:
        if url not in known and (node.tag in _FRAMES or not node.text().strip()):
            known.add(url)
            bare[node.mem_id] = (url, _name_of(node, url))
    return bare


def _is_in_frame(node: LexborNode) -> bool:
    return any(around.tag in _FRAMES for around in ancestors(node))


def shows_document(node: LexborNode, base: str) -> bool:
    """Return whether `document_of` finds a document; of a link it is only told by its address and text."""
    return _is_named(node) if node.tag == "a" else document_of(node, base) is not None


def _is_named(link: LexborNode) -> bool:
    url = link.attributes.get("href") or ""
    return is_document(url) or _DOCUMENT.search(link.text().strip()[-_MAX_ENDING:]) is not None


def document_of(node: LexborNode, base: str) -> str | None:
    """Return the absolute URL of the document that a link leads to, or a frame or its viewer shows."""
    attributes = node.attributes
    if node.tag == "a":
        return urls.normalise_url(attributes.get("href") or "", base) if _is_named(node) else None
    if node.tag in _FRAMES:
        shown = [*(attributes.get(name) or "" for name in _FRAME_ATTRIBUTES), *_parameters_of(node)]
        is_typed = _DOCUMENT_TYPE.match(attributes.get("type") or "") is not None
        return next(filter(None, (_document_in(url, base, is_typed=is_typed) for url in shown if url)), None)
    others = (attributes.get(name) or "" for name in _OTHER_ATTRIBUTES)
    named = next(filter(is_document, others), "")
    return urls.normalise_url(named, base) if named else None


def _name_of(node: LexborNode, url: str) -> str:
    """Return what to call a document without text: its file name, else its title, else its host."""
    title = plain_text.from_markup(node.attributes.get("title") or "")
    return (_file_name(url) or title or urlsplit(url).netloc)[:_MAX_NAME]


def _parameters_of(node: LexborNode) -> Iterator[str]:
    """Yield what an `object` without `data` names in its parameters."""
    for parameter in node.css("param[value]")[:10] if node.tag == "object" else ():
        yield parameter.attributes.get("value") or ""


def _document_in(url: str, base: str, *, is_typed: bool) -> str | None:
    absolute = urls.normalise_url(url, base) if len(url) <= _MAX_URL else None
    if absolute is None:
        return None
    if _SHARED_DRIVE.match(absolute):
        return absolute.replace("/preview", "/view")
    parts = urlsplit(absolute)
    fragment = unquote(parts.fragment)
    values = [value for name, value in parse_qsl(parts.query) if name.lower() in _PARAMETERS]
    values += [value for name, value in parse_qsl(fragment) if name.lower() in _PARAMETERS] or [fragment]
    for value in values:
        if is_document(value):
            return urls.normalise_url(urljoin(absolute, value), base)
    return parts._replace(fragment="").geturl() if is_typed or is_document(absolute) else None


def _file_name(url: str) -> str:
    """Return the file's name in an address; "" where none has an ending."""
    parts = urlsplit(url)
    for text in (unquote(parts.path), *(value for _, value in parse_qsl(parts.query))):
        ending = _DOCUMENT.search(text)
        if ending:
            return plain_text.one_line(basename(text[: ending.end()]))
    return ""
