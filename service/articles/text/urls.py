"""Normalise links that readers may follow, and reduce them to what identifies an article."""

import re
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit

_MAX_URL = 2_000  # characters; longer ones do not pass all programs and proxies
_MAX_HOST = 253  # characters, the limit of DNS; IDNA is slow for longer ones
_DEFAULT_PORTS = {"http": 80, "https": 443}

_SURROUNDING = "".join(map(chr, range(33))) + "\x7f\xa0\u200b\u2028\u2029\u3000\ufeff"
_LINE_BREAKS = re.compile(r"[\t\r\n]+")  # browsers ignore them anywhere in a URL
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_BARE_HOST = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[:/?#]|$)", re.IGNORECASE)
_MISSING_HOST = re.compile(r"https?:(?!//[^/])", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_END = re.compile(r"[?#]")
_PERCENT_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)

_SAFE_IN_PATH = "/%:@!$&'()*+,;=~"
_SAFE_IN_QUERY = "/%:@!$&'()*+,;=~?"
_TRACKING_PARAMETER = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid|_ga|_gl|zarsrc|zalo_\w+"
    r"|ref_src|ref_url|spm|at_medium|at_campaign|cmpid|ocid|ncid|s_cid|__twitter_impression|fb_\w+|hsctatracking"
)

# Sessions that servers write into links. A `sid` may be an article's number too: it is judged by its value.
_SESSION = (
    r"(?:j|php|cf)sess(?:ion)?id|aspsessionid\w{0,40}|asp\.net_sessionid|cfid|cftoken|oscsid|xtcsid|zenid"
)
_SESSION_NAME = re.compile(_SESSION, re.IGNORECASE)
_MAY_BE_SESSION = re.compile(r"_?sid|s_id|sess(?:ion)?(?:[_-]?id)?", re.IGNORECASE)
_SESSION_PATH_PARAMETER = re.compile(rf";(?:{_SESSION}|sid)=[^;/?&]*+", re.IGNORECASE)
_SESSION_SEGMENT = re.compile(r"/\((?:[A-Z]\([^()/]{1,200}\)){1,5}\)(?=/|$)")  # ASP.NET without cookies
_SESSION_IN_MARKUP = re.compile(
    rf"(?:[;?&]|&amp;)(?:{_SESSION}|sid)=[^;/?&\"'<>\s]*+|/\((?:[A-Z]\([^()/]{{1,200}}\)){{1,5}}\)(?=/)",
    re.IGNORECASE,
)
_MIN_TOKEN = 16  # characters of letters and digits


def normalise_url(url: str, base: str) -> str | None:
    """Return the absolute http or https URL of a link on the page `base`, in ASCII; None for anything else.

    Links to a fragment of the same page, with a password, or over 2,000 characters are refused.
    """
    try:
        return _normalise(url, base)
    except ValueError:  # urlsplit, IDNA or the port
        return None


def is_bare_host(url: str) -> bool:
    """Return whether it begins with a host and lacks its scheme, as "www.example.org/a" does."""
    return bool(_BARE_HOST.match(url.strip(_SURROUNDING)))


def _normalise(url: str, base: str) -> str | None:
    url = _LINE_BREAKS.sub("", url.strip(_SURROUNDING)).replace("&amp;", "&")
    if not url or url.startswith("#") or len(url) > _MAX_URL or _CONTROLS.search(url):
        return None
    if _BARE_HOST.match(url):
        url = f"//{url}"
    url = _replace_backslashes(url)
    parts = urlsplit(urljoin(base if len(base) <= _MAX_URL else "", url))
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or _MISSING_HOST.match(url):
        return None
    host = _host(parts)
    link = parts._replace(
        netloc=host or "",
        path=_quote(parts.path, _SAFE_IN_PATH) or "/",
        query=_quote(parts.query, _SAFE_IN_QUERY),
        fragment=_quote(parts.fragment, _SAFE_IN_QUERY),
    ).geturl()
    return link if host and len(link) <= _MAX_URL else None


def _replace_backslashes(url: str) -> str:
    """Browsers take a backslash before the query for a slash."""
    match = _PATH_END.search(url)
    end = match.start() if match else len(url)
    return url[:end].replace("\\", "/") + url[end:]


def _host(parts: SplitResult) -> str | None:
    """Return the host in ASCII with its port unless that is the default; None for an impossible one."""
    name = parts.hostname or ""
    if len(name) > _MAX_HOST:
        return None
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    name = f"[{name}]" if ":" in name else name
    if not _HOST.fullmatch(name) or ".." in name:
        return None
    port = parts.port
    return name if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{name}:{port}"


def _quote(part: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=safe)


def canonical_url(url: str) -> str:
    """Return what identifies an article: the URL without scheme, `www.`, fragment, tracking and final slash.

    A session in it is left out too (`without_session`).

    Parameters are sorted. Anything that is no URL is returned as it is.
    """
    url = url.strip()
    try:
        parts = urlsplit(without_session(url))
        host = _host(parts) if parts.scheme in _DEFAULT_PORTS else None
    except ValueError:
        host = None
    if host is None:
        return url
    path = _quote(parts.path, _SAFE_IN_PATH)
    path = _PERCENT_ESCAPE.sub(lambda escape: escape[0].upper(), path).rstrip("/")
    parameters = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="replace")
        if not _TRACKING_PARAMETER.fullmatch(name.lower())
    ]
    query = urlencode(sorted(parameters), errors="replace")
    return host.lower().removeprefix("www.") + path + (f"?{query}" if query else "")


def without_session(url: str) -> str:
    """Return a link without the session that a server wrote into it; unchanged where it has none.

    That is `;jsessionid=…`, `PHPSESSID=…` and their like, `/(S(…))` of ASP.NET, and a `sid` that looks
    generated. Servers need none of them: a reader without one gets a new one.
    """
    front, hash_mark, fragment = url.partition("#")
    path, question_mark, query = front.partition("?")
    plain_path = _SESSION_SEGMENT.sub("", _SESSION_PATH_PARAMETER.sub("", path))
    pairs = _SESSION_PATH_PARAMETER.sub("", query).split("&")
    plain_query = "&".join(pair for pair in pairs if not _is_session(pair))
    if (plain_path, plain_query) == (path, query):
        return url
    return plain_path + (question_mark if plain_query else "") + plain_query + hash_mark + fragment


def without_sessions_in(markup: str) -> str:
    """Return HTML without the sessions in its links: to compare it, as what remains need not be a link."""
    return _SESSION_IN_MARKUP.sub("", markup)


def _is_session(pair: str) -> bool:
    name, _, value = pair.partition("=")
    if _SESSION_NAME.fullmatch(name):
        return True
    is_token = len(value) >= _MIN_TOKEN and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return is_token and _MAY_BE_SESSION.fullmatch(name) is not None
