"""Find where the image of an HTML element is: `srcset`, `picture`, what lazy loaders wait with, `src`.

Also which addresses are not images of an article, but logos, icons and trackers of its site.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import basename
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

_MAX_WIDTH = 2_400  # pixels; a wider image is taken only where there is no other
_USUAL_WIDTH = 600  # of an image whose element does not tell it, at a density of 1x
_MAX_SOURCES = 20  # of one `picture`
_MAX_CANDIDATES = 50  # of one `srcset`
_MAX_ATTRIBUTES = 50  # of one element

_SET_ATTRIBUTES = ("data-srcset", "data-lazy-srcset", "data-original-set", "srcset")
_LAZY_ATTRIBUTES = (
    *("data-original", "data-src", "data-lazy-src", "data-lazy", "data-large-file", "data-full-url"),
    *("data-hi-res-src", "data-original-src", "data-actualsrc", "data-echo", "data-lazyload"),
)
# One candidate (https://html.spec.whatwg.org/#parsing-a-srcset-attribute): commas within a URL belong to it.
_CANDIDATE = re.compile(r"[\s,]*+(\S++)(?:\s++([^,]*+))?+,?")
_DESCRIPTOR = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)([wx])", re.ASCII)
_UNREADABLE_TYPE = re.compile(r"image/(?!jpe?g|pjpeg|png|gif|webp|\*)", re.IGNORECASE)
_UNREADABLE_FILE = re.compile(r"\.(?:avif|svg|jxl|heic)(?!\w)", re.IGNORECASE)
_PIXELS = re.compile(r"\s*+(\d{1,5})(?:\.\d++)?\s*+(?:px)?\s*+", re.ASCII)
_BACKGROUND = re.compile(r"background(?:-image)?\s*+:[^;:]*?\burl\(\s*+[\"']?([^\"')]++)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.IGNORECASE)

_NOT_ADDRESS = re.compile(r"[\s{]")
_FILE = re.compile(r"\.(?:jpe?g|jfif|png|webp|gif|bmp)(?!\w)", re.IGNORECASE)
_UNKNOWN_TYPES = ("", "octet-stream", "binary", "unknown", "x-unknown", "force-download", "download", "photo")

_NO_CONTENT = re.compile(
    r"emoji|smil(?:ey|ie)|emoticon|gravatar|favicon|ms-asset-icon|/_layouts/|doubleclick|feedburner\.com/~"
    r"|google-analytics|facebook\.com/tr\b|(?:spacer|pixel|blank|transparent|loading|spinner)\.\w{3,4}\b"
    r"|(?:no|default)[_-]?(?:image|img|photo|pic|picture|avatar|thumb|thumbnail)\b"
    r"|/(?:icons?|avatars|sprites?)/|/icon[-_]|\.(?:svg|ico)(?!\w)",
    re.IGNORECASE,
)
_NO_CONTENT_CLASS = re.compile(
    r"emoji|smil(?:ey|ie)|avatar-\d|placeholder|ms-asset-icon|(?:^|[\s_-])(?:icon|logo|sprite)s?(?:$|[\s_-])",
    re.IGNORECASE,
)
_FEED_HOST = re.compile(r"feeds?\.", re.IGNORECASE)
_FEED_TRACKER = "/~r/"  # behind such a host; searched by `find`, as one regex for both would be quadratic
_NAME_PARTS = re.compile(r"[^a-z]+")
_SITE_WORDS = frozenset({"logo", "icon", "icons", "ico", "banner", "btn", "favicon", "placeholder", "spacer"})
_SITE_NAMES = frozenset(
    {"avatar", "pixel", "blank", "default", "arrow", "button", "bullet", "loading", "loader", "line", "bg"}
)
_TOOL_FILE = re.compile(  # what portals draw before "In trang", "Gửi email" and attachments
    r"(?:ico[_-]?|btn[_-]?)?(?:(?:print(?:er)?|e?mail|attach(?:ments?)?|pdf|docx?|word|excel|xlsx?|zip|rar|rss"
    r"|share|facebook|fb|zalo|twitter|youtube|google)\d?\.(?:gif|png)|(?:in|dinh-?kem|file|new|hot|moi|back|top)\.gif)"
)
_FEW_PARTS = 3  # words of a file name; more are the title of an article


def addresses_of(image: LexborNode) -> Iterator[str]:
    """Yield the addresses of an `img` as they are written, the best first; none of decoration, or of no file.

    That is the widest candidate of its sets and of the `picture` around it; then what a lazy loader would
    put into `src`, then `src`, which until then is blank, then whatever else is an image file.
    """
    attributes = image.attributes
    if _is_hidden(attributes):
        return
    classes = attributes.get("class") or ""
    for url in _addresses_of(image):
        if not url.lower().startswith("data:") and not is_decoration(url, classes):
            yield url


def _addresses_of(image: LexborNode) -> Iterator[str]:
    attributes = image.attributes
    sets = [value for name in _SET_ATTRIBUTES if (value := attributes.get(name))]
    sets = [*_sets_of_picture(image), *sets]
    best = _widest(sets, pixels(attributes.get("width")) or _USUAL_WIDTH) if sets else ""
    yield from [best] if best else []
    yield from (url for name in (*_LAZY_ATTRIBUTES, "src") if (url := attributes.get(name)))
    for name, value in list(attributes.items())[:_MAX_ATTRIBUTES]:
        if name.startswith("data-") and value and is_image_file("", value) and not _NOT_ADDRESS.search(value):
            yield value


def _is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Return whether nobody ever sees the element, as it is with images that count readers."""
    style = attributes.get("style")
    if not style or not _HIDDEN.search(style):
        return False
    return not any(name in attributes for name in _LAZY_ATTRIBUTES)


def background_of(node: LexborNode) -> str:
    """Return the address of the first image that an element, or one in it, has for its background."""
    for one in node.css("[style*=background], [data-bg], [data-background-image]")[:_MAX_SOURCES]:
        match = _BACKGROUND.search(one.attributes.get("style") or "")
        lazy = one.attributes.get("data-bg") or one.attributes.get("data-background-image") or ""
        address = lazy or (match[1].strip() if match else "")
        if address and not is_decoration(address):
            return address
    return ""


def pixels(length: str | None) -> int | None:
    """Return the pixels of a `width` or `height` attribute; None for a percentage and the like."""
    match = _PIXELS.fullmatch(length or "")
    return int(match[1]) if match else None


def is_image_file(media_type: str, url: str) -> bool:
    """Return whether an attachment is an image, by its type or, where that says nothing, by its name."""
    kind = media_type.strip().lower()
    if kind.startswith("image"):
        return not _UNREADABLE_TYPE.match(kind)
    return kind.rpartition("/")[2] in _UNKNOWN_TYPES and bool(_FILE.search(url))


def is_decoration(url: str, classes: str = "") -> bool:
    """Return whether it is an icon, a logo, a tracker or the like, by its address and its element's class."""
    if _NO_CONTENT.search(url) or _NO_CONTENT_CLASS.search(classes):
        return True
    host = _FEED_HOST.search(url)
    if host and url.lower().find(_FEED_TRACKER, host.end() + 1) >= 0:
        return True
    try:
        name = basename(urlsplit(url).path).lower()
    except ValueError:
        return True
    if name.endswith((".gif", ".png")) and _TOOL_FILE.fullmatch(name):
        return True
    parts = [part for part in _NAME_PARTS.split(name.rpartition(".")[0] or name) if part]
    if not parts or len(parts) > _FEW_PARTS:
        return False
    is_named = parts[0] in _SITE_WORDS or (len(parts) < _FEW_PARTS and parts[-1] in _SITE_WORDS)
    return is_named or (len(parts) == 1 and parts[0] in _SITE_NAMES)


def _sets_of_picture(image: LexborNode) -> Iterator[str]:
    picture = image.parent
    if picture is None or picture.tag != "picture":
        return
    for source in picture.css("source")[:_MAX_SOURCES]:
        attributes = source.attributes
        if not _UNREADABLE_TYPE.match((attributes.get("type") or "").strip()):
            yield from (value for name in _SET_ATTRIBUTES if (value := attributes.get(name)))


def _widest(sets: Sequence[str], width: int) -> str | None:
    candidates = [one for text in sets for one in _candidates(text, width)]
    suitable = [one for one in candidates if one[0] <= _MAX_WIDTH]
    if suitable:
        return max(suitable, key=lambda one: one[0])[1]
    return min(candidates, default=(0.0, None))[1]


def _candidates(srcset: str, width: int) -> Iterator[tuple[float, str]]:
    """Yield width and address of each candidate; `width` is what a density of 1x stands for."""
    position = 0
    for _ in range(_MAX_CANDIDATES):
        match = _CANDIDATE.match(srcset, position)
        if match is None:
            return
        url, descriptors, position = match[1], match[2] or "", match.end()
        if url.endswith(","):  # it ends the candidate
            url, descriptors, position = url.rstrip(","), "", match.end(1)
        size = _DESCRIPTOR.search(descriptors)
        unit = width if size is None or size[2] == "x" else 1
        if url and not url.lower().startswith("data:") and not _UNREADABLE_FILE.search(url):
            yield (float(size[1]) if size else 1.0) * unit, url
