"""Links that a reader may be sent to, and what tells that two of them lead to the same article."""

import re
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit

_LONGEST = 2_000  # characters of a link; longer ones do not survive the way through programs and proxies
_LONGEST_HOST = 253  # characters; IDNA takes milliseconds for a host as long as that
_DEFAULT_PORTS = {"http": 80, "https": 443}

_AROUND = "".join(map(chr, range(33))) + "\x7f\xa0\u200b\u2028\u2029\u3000\ufeff"
_LINE_BREAKS = re.compile(r"[\t\r\n]+")  # browsers pass over them wherever they stand
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_BARE_HOST = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[:/?#]|$)", re.IGNORECASE)
_WITHOUT_HOST = re.compile(r"https?:(?!//[^/])", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_ENDS = re.compile(r"[?#]")
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)

_IN_A_PATH = "/%:@!$&'()*+,;=~"
_IN_A_QUERY = "/%:@!$&'()*+,;=~?"
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid|_ga|_gl|zarsrc|zalo_\w+"
    r"|ref_src|ref_url|spm|at_medium|at_campaign|cmpid|ocid|ncid|s_cid|__twitter_impression|fb_\w+|hsctatracking"
)


def normalise_url(url: str, base: str) -> str | None:
    """The absolute http or https link that `url` is on the page `base`, in ASCII; None for anything else.

    A link to a place in the page itself, one with a password, and one over 2,000 characters are none.
    """
    try:
        return _honest(url, base)
    except ValueError:  # an address no library can take apart
        return None


def _honest(url: str, base: str) -> str | None:
    url = _LINE_BREAKS.sub("", url.strip(_AROUND)).replace("&amp;", "&")
    if not url or url.startswith("#") or len(url) > _LONGEST or _CONTROLS.search(url):
        return None
    if _BARE_HOST.match(url):
        url = f"//{url}"
    url = _with_slashes(url)
    parts = urlsplit(urljoin(base if len(base) <= _LONGEST else "", url))
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or _WITHOUT_HOST.match(url):
        return None
    host = _host(parts)
    link = parts._replace(
        netloc=host or "",
        path=_spelled(parts.path, _IN_A_PATH) or "/",
        query=_spelled(parts.query, _IN_A_QUERY),
        fragment=_spelled(parts.fragment, _IN_A_QUERY),
    ).geturl()
    return link if host and len(link) <= _LONGEST else None


def _with_slashes(url: str) -> str:
    """Browsers take a backslash before the query for a slash."""
    end = _PATH_ENDS.search(url)
    path_ends = end.start() if end else len(url)
    return url[:path_ends].replace("\\", "/") + url[path_ends:]


def _host(parts: SplitResult) -> str | None:
    """The host as DNS has it, with its port unless that is the usual one; None for one that cannot be."""
    name = parts.hostname or ""
    if len(name) > _LONGEST_HOST:
        return None
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    name = f"[{name}]" if ":" in name else name
    if not _HOST.fullmatch(name) or ".." in name:
        return None
    port = parts.port
    return name if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{name}:{port}"


def _spelled(part: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=safe)


def identity(url: str) -> str:
    """What tells the same article: the link without scheme, `www.`, fragment, tracking and a final slash.

    The order of parameters does not count. What is no link stands for itself.
    """
    try:
        parts = urlsplit(url.strip())
        host = _host(parts) if parts.scheme in _DEFAULT_PORTS else None
    except ValueError:
        host = None
    if host is None:
        return url.strip()
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _spelled(parts.path, _IN_A_PATH)).rstrip("/")
    query = urlencode(sorted(_telling(parts.query)), errors="replace")
    return host.lower().removeprefix("www.") + path + (f"?{query}" if query else "")


def _telling(query: str) -> list[tuple[str, str]]:
    """The parameters that choose what is shown."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    return [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name.lower())]
