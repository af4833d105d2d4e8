"""Recognising secrets in addresses, and keeping them out of what others read: texts, links, HTML, logs. Pure.

An upstream may echo what it was asked with: in the links of its articles, in their texts, in an error. So the
values themselves are searched for, as they are, percent-encoded, escaped for HTML, and in the base64 of
HTTP's basic authentication.

Two questions have to be answered by name and form alone, and their errors cost differently. Whether something
*may* be a key matters before an address is logged or published: a wrong yes hides part of an address. Whether
it *is* one matters before an article's link or text is changed: a wrong yes breaks the link.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape, unescape
from urllib.parse import SplitResult, quote, quote_plus, unquote, unquote_plus, urlsplit

HIDDEN = "…"  # replaces a secret
_MIN_SECRET = 6  # characters; a shorter value occurs in many texts by chance
_MIN_BASE64 = 8  # characters of base64
_MAX_LOGGED_PATH = 100  # characters
_PAIR = re.compile(r"[^&;]+")
_ATTRIBUTE = re.compile(r'(\s(?:href|src)=")([^"]*+)"')
_MAY_CARRY = frozenset("?;#@")  # without any of these an address has nothing but a path

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_RUN = re.compile(r"[A-Za-z0-9]+")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_CREDENTIAL_PARTS = (
    "token", "secret", "password", "passwd", "passphrase", "passcode", "apikey", "accesskey", "authkey",
    "privatekey", "subscriptionkey", "signature", "credential", "authorization", "sessionid", "sessid",
    "matkhau",
)  # fmt: skip
_CREDENTIAL_WORDS = frozenset({"sig", "pwd", "pass", "auth", "oauth", "jwt", "bearer", "hmac", "otp"})
_IDENTIFYING_WORDS = frozenset(
    {"key", "keys", "user", "username", "usr", "login", "account", "acct", "sid", "session", "sess",
     "code", "hash", "mac", "md", "sha", "sign", "appid", "uid", "cid", "clientid", "ticket", "nonce",
     "pin", "pw", "psw", "email", "mail", "member", "customer", "licence", "license", "taikhoan", "khoa",
     "tk"}
)  # fmt: skip
_CLOUD_PREFIXES = ("xamz", "xgoog", "xms")  # of signed addresses of the large object stores
# Lengths from which a run of letters and digits is taken for a key.
_MIN_MIXED, _MIN_HEX, _MAX_WORD, _MIN_GENERATED = 8, 16, 32, 20
_CHANGES = 2  # from letters to digits or back, more than in what a person writes


@dataclass(frozen=True)
class Secrets:
    """Secret values of a configuration or of a request.

    Attributes:
        values: removed from every text, in all their spellings.
        parameters: names (lower case) with values: such a parameter is removed from every link.
    """

    values: frozenset[str] = field(default=frozenset(), repr=False)
    parameters: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)

    @classmethod
    def of(
        cls, addresses: Iterable[str] = (), keys: Iterable[str] = (), public: Iterable[str] = ()
    ) -> "Secrets":
        """Collect the secrets of these addresses and keys, except what occurs in a public address."""
        values = {key for key in keys if len(key) >= _MIN_SECRET}
        parameters: set[tuple[str, str]] = set()
        for address in addresses:
            values.update(_values(address))
            parameters.update(_parameters(address))
        published = " ".join(public).lower()
        return cls(
            frozenset(value for value in values if value.lower() not in published),
            frozenset(
                (name, value) for name, value in parameters if f"{name}={value.lower()}" not in published
            ),
        )

    def redact(self, text: str) -> str:
        """Return the text with `…` for every secret."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def redact_link(self, url: str) -> str | None:
        """Return a link without user, password and secret parameters; unchanged where there are none.

        None where host or path contain a secret, so that nothing useful is left.
        """
        if _MAY_CARRY.isdisjoint(url) and not self._is_in(url):
            return url
        try:
            parts = urlsplit(url)
        except ValueError:  # not a URL
            return None
        host, path = parts.netloc.rpartition("@")[2], _without_path_parameters(parts.path)
        if self._is_in(host) or self._is_in(path):
            return None
        link = parts._replace(
            netloc=host,
            path=path,
            query=self._redact_query(parts.query),
            fragment=self._redact_query(parts.fragment),
        )
        if self._is_in(link.query) or self._is_in(link.fragment):  # a secret with & or ; in it
            link = link._replace(query="", fragment="")
        return url if link == parts else link.geturl()

    def redact_html(self, html: str) -> str:
        """Return sanitised HTML with redacted links, and `…` for every other secret."""
        return self.redact(_ATTRIBUTE.sub(self._redact_attribute, html))

    def _redact_attribute(self, match: re.Match[str]) -> str:
        address = match[2]
        if _MAY_CARRY.isdisjoint(address) and not self._is_in(address):
            return match[0]
        written = unescape(address)
        link = self.redact_link(written)
        if link == written:
            return match[0]
        return f'{match[1]}{escape(link)}"' if link else ""

    def _redact_query(self, query: str) -> str:
        pairs = _PAIR.findall(query)
        public = [pair for pair in pairs if not self._is_secret(pair)]
        return query if len(public) == len(pairs) else "&".join(public)

    def _is_secret(self, pair: str) -> bool:
        name, _, value = map(unquote_plus, pair.partition("="))
        return is_credential(name) or (name.lower(), value) in self.parameters or self._is_in(pair)

    def _is_in(self, text: str) -> bool:
        return self._pattern is not None and (
            self._pattern.search(text) is not None or self._pattern.search(unquote_plus(text)) is not None
        )

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        forms = {form for value in self.values for form in _forms(value)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None


NO_SECRETS = Secrets()


def _values(address: str) -> Iterator[str]:
    """Yield the secret values in an address, as they are written and decoded."""
    parts = _split(address)
    if parts is None:
        return
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    if user:
        yield from (f"{unquote(user)}:{unquote(password)}", f"{user}:{password}")
    if len(password) >= _MIN_SECRET:
        yield from (unquote(password), password)
    if len(user) >= _MIN_SECRET and _has_letters_and_digits(user):
        yield from (unquote(user), user)
    for pair in _pairs(parts):
        name, _, value = pair.partition("=")
        value = value or name  # `?3f9a…`: a value without a name
        if _is_unmistakable(unquote_plus(name), unquote_plus(value)):
            yield from (unquote_plus(value), value)
    for segment in parts.path.split("/"):
        if _is_generated(unquote(segment)):
            yield from (unquote(segment), segment)


def _is_unmistakable(name: str, value: str) -> bool:
    """Return whether the value is a secret in any text: a plain word (`user=admin`) is not."""
    if len(value) < _MIN_SECRET:
        return False
    if is_credential(name) or name.lower().endswith("key"):
        return True
    return (may_be_secret(name) and _has_letters_and_digits(value)) or _is_generated(value)


def _parameters(address: str) -> Iterator[tuple[str, str]]:
    parts = _split(address)
    for pair in _pairs(parts) if parts else ():
        name, _, value = pair.partition("=")
        if may_be_secret(unquote_plus(name)):
            yield unquote_plus(name).lower(), unquote_plus(value)


def _pairs(parts: SplitResult) -> Iterator[str]:
    """Yield the parameters of query and fragment, and of the path (`;jsessionid=…`)."""
    yield from _PAIR.findall(parts.query)
    yield from _PAIR.findall(parts.fragment)
    yield from (pair for segment in parts.path.split("/") for pair in segment.split(";")[1:])


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _without_path_parameters(path: str) -> str:
    """Remove `;jsessionid=…` and its like."""
    if ";" not in path:
        return path
    segments = (segment.split(";") for segment in path.split("/"))
    return "/".join(
        ";".join([name, *(pair for pair in pairs if not is_credential(unquote(pair.partition("=")[0])))])
        for name, *pairs in segments
    )


def _forms(value: str) -> Iterator[str]:
    """Yield the value in the spellings in which addresses, pages and headers contain it."""
    coded = quote(value, safe="")
    spelled = {value, quote(value), coded, quote_plus(value), quote(coded, safe="")}
    yield from spelled
    yield from map(escape, spelled)
    for encode in (b64encode, urlsafe_b64encode):
        whole = encode(value.encode(errors="replace")).decode()
        stem = whole[: len(value.encode(errors="replace")) // 3 * 4]  # the same whatever follows the value
        if len(stem) >= _MIN_BASE64:
            yield stem


def publishable_url(fetched: str, configured: str = "") -> str:
    """Return a source's address for readers: the configured one, else the fetched one less all secrets.

    That is scheme, host, port and path. The query is dropped whole, for a key may have any name in it, and so
    are user and password; where a segment of the path may be a key, only the front page is left.
    """
    if configured:
        return configured
    parts = urlsplit(fetched)
    host = parts.netloc.rpartition("@")[2]
    path = "/" if any(map(_may_be_key, parts.path.split("/"))) else parts.path or "/"
    return f"{parts.scheme}://{host}{path}"


def loggable_url(written: str) -> str:
    """Return an address, which may be malformed, with `…` for what may be secret in it."""
    scheme, separator, rest = written.rpartition("://") if "://" in written else ("", "", written)
    userinfo, at, rest = rest.rpartition("@")
    ends = min((rest.find(sign) for sign in "?#" if sign in rest), default=len(rest))
    host, *segments = rest[:ends].split("/")
    host = HIDDEN if not separator and _may_be_key(host) else host
    path = loggable_path("/" + "/".join(segments)) if segments else ""
    query = f"{rest[ends]}{HIDDEN}" if rest[ends:] else ""
    return f"{scheme}{separator}{HIDDEN + at if userinfo or at else ''}{host}{path}{query}"


def loggable_path(path: str) -> str:
    """Return a path with `…` for segments that may be keys, cut after 100 characters."""
    redacted = "/".join(HIDDEN if _may_be_key(segment) else segment for segment in path.split("/")) or "/"
    return redacted if len(redacted) <= _MAX_LOGGED_PATH else f"{redacted[: _MAX_LOGGED_PATH - 1]}{HIDDEN}"


def address_for_its_operator(written: str) -> str:
    """Return an address with `…` for user, password and parameters that may be secret; the rest is whole."""
    scheme, separator, rest = written.rpartition("://") if "://" in written else ("", "", written)
    userinfo, at, rest = rest.rpartition("@")
    start, mark, query = rest.partition("?")
    query = _PAIR.sub(lambda pair: _without_secret_value(pair[0]), query)
    return f"{scheme}{separator}{HIDDEN + at if userinfo or at else ''}{start}{mark}{query}"


def _without_secret_value(pair: str) -> str:
    name, separator, value = pair.partition("=")
    return f"{name}={HIDDEN}" if separator and value and may_be_secret(unquote_plus(name)) else pair


def is_credential(name: str) -> bool:
    """Return whether a parameter of this name authenticates: no link to a page needs it."""
    plain = _SEPARATORS.sub("", name.lower())
    if any(part in plain for part in _CREDENTIAL_PARTS) or plain.startswith(_CLOUD_PREFIXES):
        return True
    return plain in _CREDENTIAL_WORDS or not _CREDENTIAL_WORDS.isdisjoint(_words(name))


def may_be_secret(name: str) -> bool:
    """Return whether a parameter of this name may authenticate, or may name an account."""
    plain = _SEPARATORS.sub("", name.lower())
    return (
        is_credential(name)
        or plain in _IDENTIFYING_WORDS
        or plain.endswith("key")
        or not _IDENTIFYING_WORDS.isdisjoint(_words(name))
    )


def _may_be_key(segment: str) -> bool:
    """Return whether a segment of a path may be a key: it looks generated, or it is named as one."""
    segment = unquote(segment)
    if any(sign in segment for sign in "=@;") or is_credential(segment):
        return True
    return any(_is_key_like(run) for run in _RUN.findall(segment))


def _is_generated(value: str) -> bool:
    """Return whether a value was generated beyond doubt: a run of 20 letters and digits, well mixed.

    A GUID is not: portals name lists, pages and articles by them.
    """
    return any(
        len(run) >= _MIN_GENERATED and len(_LETTER_BESIDE_DIGIT.findall(run)) > _CHANGES
        for run in _RUN.findall(value)
    )


def _has_letters_and_digits(value: str) -> bool:
    """Return whether a value has both, so that no sentence contains it by chance."""
    return any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)


def _is_key_like(run: str) -> bool:
    mixed = len(run) >= _MIN_MIXED and len(_LETTER_BESIDE_DIGIT.findall(run)) >= _CHANGES
    is_hex = len(run) >= _MIN_HEX and _has_letters_and_digits(run) and _HEX.fullmatch(run) is not None
    return mixed or is_hex or len(run) > _MAX_WORD


def _words(name: str) -> set[str]:
    """Split `subscription-key`, `userName` and `X-Api-Key` into words, in lower case."""
    return {word.lower() for word in _WORD.findall(name)}
