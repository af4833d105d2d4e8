"""What a portal's page says of its articles: feeds, WordPress, pages with news, and which system made it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.titles import SITE_SEPARATOR
from service.articles.text import decoding, plain_text, urls
from service.articles.text.html_tree import base_url, outer_html, parse_page, text_of
from service.core.folding import fold
from service.core.ports import Response

_MAX_HEAD = 400_000  # characters in which the system is recognised
_MAX_LINKS = 3_000  # of a page
_MAX_OFFERS = 20  # of one kind
_MAX_SECTION = 40  # characters of the name of a section

_SIGNS: Mapping[str, tuple[str, ...]] = {  # in lower case
    "wordpress": ("/wp-content/", "/wp-includes/", "api.w.org", "/wp-json/", 'content="wordpress'),
    "nukeviet": ("nukeviet", "nv_base_siteurl", "nv_lang_", "nv=news"),
    "joomla": (
        'content="joomla',
        "/media/jui/",
        "option=com_content",
        "/components/com_",
        "/media/system/js/",
    ),
    "liferay": ("liferay", "/-/asset_publisher/", "p_p_id="),
    "sharepoint": ("microsoft sharepoint", "_sppagecontextinfo", "/_layouts/", "__requestdigest"),
    "drupal": ('content="drupal', "drupal-settings-json", "drupal.settings", "/sites/default/files/"),
    "blogger": ('content="blogger', ".blogspot.", "blogger.com/"),
}
_FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
        "application/json", "application/xml", "text/xml", "text/rss+xml",
    }
)  # fmt: skip
_FEED_ADDRESS = re.compile(
    r"(?:^|[/?&=._-])(?:rss|rss2|rssfeed|atom|feed|feeds|listfeed|rdf)(?:$|[/?&=._0-9-])", re.IGNORECASE
)
_FEED_TEXT = re.compile(r"\b(?:rss|atom|feed)\b", re.IGNORECASE)
_NO_FEED = re.compile(
    r"wp-json|oembed|\.(?:png|jpe?g|gif|svg|ico|css|js|pdf|zip|webp)(?:$|\?)|facebook|mailto:", re.IGNORECASE
)
_COMMENTS = re.compile(
    r"comment|binh-?luan|bình luận|phan-?hoi|phản hồi|y-?kien|ý kiến|replies|hoi-?dap|hỏi đáp", re.IGNORECASE
)
_SECTIONS = (  # folded, the most telling first
    "tintuc", "tinmoi", "tintucsukien", "tinhoatdong", "tintuchoatdong", "news", "latestnews", "thoisu",
    "sukien", "tinbai", "bantin", "hoatdong", "tindiaphuong", "tinnoibat", "tincoso", "thongtin", "thongbao",
)  # fmt: skip
_NO_NAMES = frozenset(
    (*_SECTIONS, *map(fold, ("Trang chủ", "Trang nhất", "Home", "Homepage", "Welcome", "Default", "Index")))
)
_PUBLISHER = re.compile(r"^(.*?/-/asset_publisher/[A-Za-z0-9]+)(?:/|$)")
_PORTLET = re.compile(r"p_p_id_(?:101|\w{1,80}?AssetPublisherPortlet)_INSTANCE_([A-Za-z0-9]{2,20})_")
_LIST_ID = re.compile(
    r"list(?:id|name)?[\"']?\s*+[:=]\s*+[\"']?(?:%7B|\{)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:%7D|\})",
    re.IGNORECASE,
)
_WEB = re.compile(r"webServerRelativeUrl[\"']?\s*:\s*[\"'](/[^\"'<>\s]*+)[\"']")
_WP_HEADER = re.compile(r"<([^<>]+)>\s*;\s*rel=[\"']?https://api\.w\.org/", re.IGNORECASE)
_WP_FOLDER = re.compile(r"""["'(]((?:https?:)?/[^"'()\s<>]*?)/wp-(?:content|includes)/""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: where it leads, and its title or text."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class PageOffers:
    """What one page says. Links are absolute, each once, in the page's order, and may lead to any host.

    Attributes:
        site_name: of the portal as the page's head has it; empty where it has none.
        title: of the document.
        language: the page's own claim.
        systems: keys of `_SIGNS`.
        alternates: feeds that the head names, without those of comments.
        feeds: links that look like feeds, or like a page that lists them.
        sections: links to pages with news, the most telling first.
        wordpress: the address of the interface of a WordPress site; None on others.
        publishers: addresses of Liferay's asset publishers.
        lists: addresses of SharePoint's feeds of lists.
    """

    url: str
    site_name: str = ""
    title: str = ""
    language: str = ""
    systems: frozenset[str] = frozenset()
    alternates: tuple[Link, ...] = ()
    feeds: tuple[Link, ...] = ()
    sections: tuple[Link, ...] = ()
    wordpress: str | None = None
    publishers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def read_offers(response: Response) -> PageOffers:
    """Return what a page offers.

    Raises:
        UpstreamError: for a page that would take too long to parse.
    """
    markup = decoding.decode(response.body, response.headers.get("content-type", ""), "")
    tree = parse_page(markup)
    base = base_url(tree, response.url)
    head = markup[:_MAX_HEAD]
    lowered = head.lower()
    systems = frozenset(name for name, signs in _SIGNS.items() if any(sign in lowered for sign in signs))
    links = list(_links(tree, base))
    return PageOffers(
        url=response.url,
        site_name=_meta(tree, "og:site_name") or _meta(tree, "application-name"),
        title=plain_text.title(outer_html(title)) if (title := tree.css_first("title")) else "",
        language=_language(tree),
        systems=systems,
        alternates=_once(_alternates(tree, base)),
        feeds=_once(link for link in links if _is_feed(link)),
        sections=_once(sorted(filter(_is_section, links), key=_section_rank)),
        wordpress=_wordpress(tree, base, response, head) if "wordpress" in systems else None,
        publishers=_publishers(links, head, response.url),
        lists=_lists(head, response.url) if "sharepoint" in systems else (),
    )


def portal_name(pages: Sequence[PageOffers]) -> str:
    """Return what the portal calls itself; "" if unknown.

    The head of a page may say it; else it is the part of their titles that most have, or the longest of the
    first one.
    """
    named = next((page.site_name for page in pages if page.site_name), "")
    parts = [_name_parts(page.title) for page in pages]
    shared = Counter(part for own in parts for part in own)
    most = max(shared.values(), default=0)
    usual = [part for part, count in shared.items() if count == most and count > 1]
    first = parts[0] if parts else []
    return named or max(usual or first, key=len, default="")


def _name_parts(title: str) -> list[str]:
    """Return the parts of a title that may be a portal's name."""
    parts = (part.strip() for part in SITE_SEPARATOR.split(title))
    return list(dict.fromkeys(part for part in parts if fold(part) and fold(part) not in _NO_NAMES))


def is_of_comments(link: Link) -> bool:
    """Return whether a feed is one of comments, by its address or its title."""
    return bool(_COMMENTS.search(urlsplit(link.url).path) or _COMMENTS.search(link.text))


def _alternates(tree: LexborHTMLParser, base: str) -> Iterator[Link]:
    for node in tree.css('link[rel~="alternate" i][href], link[rel~="feed" i][href]'):
        attributes = node.attributes
        url = urls.normalise_url(attributes.get("href") or "", base)
        kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
        link = Link(url or "", plain_text.from_long_markup(attributes.get("title") or ""))
        if url and kind in _FEED_TYPES and not _NO_FEED.search(url) and not is_of_comments(link):
            yield link


def _links(tree: LexborHTMLParser, base: str) -> Iterator[Link]:
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        url = urls.normalise_url(node.attributes.get("href") or "", base)
        if url:
            yield Link(url.partition("#")[0], text_of(node)[:200] or node.attributes.get("title") or "")


def _is_feed(link: Link) -> bool:
    parts = urlsplit(link.url)
    address = f"{parts.path}?{parts.query}"
    is_named = _FEED_ADDRESS.search(address) or (
        len(link.text) <= _MAX_SECTION and _FEED_TEXT.search(link.text)
    )
    return bool(is_named) and not _NO_FEED.search(link.url) and not is_of_comments(link)


def _is_section(link: Link) -> bool:
    return 0 < len(link.text) <= _MAX_SECTION and _section_rank(link) < len(_SECTIONS)


def _section_rank(link: Link) -> int:
    """Return the place of the first name of a section that the link has in its text, else in its address."""
    name, path = fold(link.text), fold(urlsplit(link.url).path)
    ranks = (rank for rank, section in enumerate(_SECTIONS) if name == section)
    has_digit = any(sign.isdigit() for sign in name)  # a title such as "Thông báo số 12"
    begun = (rank for rank, section in enumerate(_SECTIONS) if name.startswith(section) and not has_digit)
    addressed = (rank for rank, section in enumerate(_SECTIONS[:4]) if path.endswith(section))
    return next(ranks, next(begun, next(addressed, len(_SECTIONS))))


def _wordpress(tree: LexborHTMLParser, base: str, response: Response, head: str) -> str | None:
    """Return the address of the interface, as the site tells it, else as its files' addresses show it."""
    link = tree.css_first('link[rel="https://api.w.org/"][href]')
    told = _WP_HEADER.search(response.headers.get("link", ""))
    href = (link.attributes.get("href") if link is not None else "") or (told[1] if told else "")
    if href:
        return urls.normalise_url(href, base)
    folder = _WP_FOLDER.search(head)
    return urls.normalise_url(f"{folder[1] if folder else ''}/wp-json/", base)


def _publishers(links: Iterable[Link], head: str, url: str) -> tuple[str, ...]:
    """Return the addresses of asset publishers: those of links to articles, and those on this very page."""
    page = url.partition("?")[0].rstrip("/")
    linked = (match[1] for link in links if (match := _PUBLISHER.match(link.url)))
    return _first((*linked, *(f"{page}/-/asset_publisher/{one[1]}" for one in _PORTLET.finditer(head))))


def _lists(head: str, url: str) -> tuple[str, ...]:
    web = _WEB.search(head)
    root = (web[1] if web else "").rstrip("/")
    names = _first(found[1].upper() for found in _LIST_ID.finditer(head))
    found = (urls.normalise_url(f"{root}/_layouts/15/listfeed.aspx?List=%7B{name}%7D", url) for name in names)
    return _first(filter(None, found))


def _meta(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(f'meta[property="{name}" i][content], meta[name="{name}" i][content]')
    return plain_text.title(node.attributes.get("content") or "") if node is not None else ""


def _language(tree: LexborHTMLParser) -> str:
    node: LexborNode | None = tree.css_first("html")
    language = (
        (node.attributes.get("lang") or node.attributes.get("xml:lang") or "") if node is not None else ""
    )
    return language.strip() if plain_text.is_language_tag(language.strip()) else ""


def _once(links: Iterable[Link]) -> tuple[Link, ...]:
    by_url: dict[str, Link] = {}
    for link in links:
        by_url.setdefault(link.url, link)
    return tuple(by_url.values())[:_MAX_OFFERS]


def _first(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:_MAX_OFFERS]


# Usual addresses


def usual_feeds(offers: PageOffers, root: str, module: str) -> Iterator[str]:
    """Yield where the page's system usually has its feeds, the most likely first.

    Args:
        offers: of a page.
        root: the address below which the portal lies, with a slash at its end.
        module: the first part of the path that the listed articles share, by which NukeViet names its feeds;
            empty if unknown.
    """
    for system, addresses in _USUAL.items():
        if system in offers.systems:
            found = (urls.normalise_url(address, root) for address in addresses(offers, module))
            yield from filter(None, found)


def guessed_feeds(root: str) -> Iterator[str]:
    """Yield where any portal might have its feed."""
    names = ("rss.xml", "rss", "feed", "feed.xml", "atom.xml", "rss.aspx", "feed.json", "index.xml")
    yield from filter(None, (urls.normalise_url(name, root) for name in names))


def _of_wordpress(_: PageOffers, __: str) -> Iterator[str]:
    yield from ("feed/", "?feed=rss2")


def _of_nukeviet(_: PageOffers, module: str) -> Iterator[str]:
    yield from (f"{name}/rss/" for name in dict.fromkeys(filter(None, (module, "news"))))
    yield from ("index.php?nv=news&nv_function=rss", "index.php?language=vi&nv=news&op=rss", "rss/")
    yield from ("vi/news/rss/", "feeds/")


def _of_joomla(offers: PageOffers, _: str) -> Iterator[str]:
    for page in dict.fromkeys((offers.url, *(section.url for section in offers.sections[:2]), "")):
        yield f"{page}{'&' if '?' in page else '?'}format=feed&type=rss"


def _of_liferay(offers: PageOffers, _: str) -> Iterator[str]:
    yield from (f"{publisher}/rss" for publisher in offers.publishers[:3])
    yield from (f"{offers.url.partition('?')[0].rstrip('/')}/-/rss", "-/rss")


def _of_sharepoint(offers: PageOffers, _: str) -> Iterator[str]:
    yield from offers.lists[:3]
    yield from (url.replace("/_layouts/15/", "/_layouts/") for url in offers.lists[:2])


def _of_drupal(offers: PageOffers, _: str) -> Iterator[str]:
    yield from ("rss.xml", f"{offers.language[:2].lower() or 'vi'}/rss.xml", "feed")


def _of_blogger(_: PageOffers, __: str) -> Iterator[str]:
    yield "feeds/posts/default?alt=rss"


_USUAL: Mapping[str, Callable[[PageOffers, str], Iterator[str]]] = {
    "wordpress": _of_wordpress,
    "nukeviet": _of_nukeviet,
    "joomla": _of_joomla,
    "liferay": _of_liferay,
    "sharepoint": _of_sharepoint,
    "drupal": _of_drupal,
    "blogger": _of_blogger,
}
