"""The secrets of a configuration, and keeping them out of what others read: texts, links, HTML. Pure.

An upstream may echo what it was asked with: in the links of its articles, in their texts, in an error. So the
values themselves are looked for, as they are, percent-encoded, escaped for HTML, and in the base64 of HTTP's
basic authentication.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape, unescape
from urllib.parse import SplitResult, quote, quote_plus, unquote, unquote_plus, urlsplit

from service.core.secret_names import is_credential, is_generated, is_no_word, may_be_secret

HIDDEN = "…"  # stands where a secret stood
_SHORTEST = 6  # characters; a shorter one is no secret, and stands in many a text by chance
_SHORTEST_CODED = 8  # characters of base64
_PAIR = re.compile(r"[^&;]+")
_ATTRIBUTE = re.compile(r'(\s(?:href|src)=")([^"]*+)"')
_MAY_CARRY = frozenset("?;#@")  # without any of these an address has nothing but a path


@dataclass(frozen=True)
class Secrets:
    """Values that nobody else may read.

    Attributes:
        values: looked for in every text, however they are written.
        parameters: names (lower case) with values: such a parameter is taken out of every link.
    """

    values: frozenset[str] = field(default=frozenset(), repr=False)
    parameters: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)

    @classmethod
    def of(
        cls, addresses: Iterable[str] = (), keys: Iterable[str] = (), public: Iterable[str] = ()
    ) -> "Secrets":
        """What these addresses are asked with, and these keys; what a public address says is no secret."""
        values = {key for key in keys if len(key) >= _SHORTEST}
        parameters: set[tuple[str, str]] = set()
        for address in addresses:
            values.update(_values(address))
            parameters.update(_parameters(address))
        told = " ".join(public).lower()
        return cls(
            frozenset(value for value in values if value.lower() not in told),
            frozenset((name, value) for name, value in parameters if f"{name}={value.lower()}" not in told),
        )

    def __or__(self, others: "Secrets") -> "Secrets":
        """Both."""
        return Secrets(self.values | others.values, self.parameters | others.parameters)

    def text(self, text: str) -> str:
        """The text with `…` in the place of every secret."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def link(self, url: str) -> str | None:
        """The link as readers may have it: without user and password, without parameters that are secrets.

        None where the secret stands in its path, so that nothing useful is left. Unchanged where there is
        nothing to take out.
        """
        if _MAY_CARRY.isdisjoint(url) and not self._is_in(url):
            return url
        try:
            parts = urlsplit(url)
        except ValueError:  # no address that a library can take apart
            return None
        host, path = parts.netloc.rpartition("@")[2], _without_path_parameters(parts.path)
        if self._is_in(host) or self._is_in(path):
            return None
        link = parts._replace(
            netloc=host, path=path, query=self._told(parts.query), fragment=self._told(parts.fragment)
        )
        if self._is_in(link.query) or self._is_in(link.fragment):  # one that goes beyond a parameter's end
            link = link._replace(query="", fragment="")
        return url if link == parts else link.geturl()

    def html(self, html: str) -> str:
        """Sanitised HTML with links as readers may have them, and `…` in the place of every other secret."""
        return self.text(_ATTRIBUTE.sub(self._attribute, html))

    def _attribute(self, match: re.Match[str]) -> str:
        address = match[2]
        if _MAY_CARRY.isdisjoint(address) and not self._is_in(address):
            return match[0]
        written = unescape(address)
        link = self.link(written)
        if link == written:
            return match[0]
        return f'{match[1]}{escape(link)}"' if link else ""

    def _told(self, query: str) -> str:
        """The query as others may read it: untouched where nothing has to go."""
        pairs = _PAIR.findall(query)
        kept = [pair for pair in pairs if not self._is_secret(pair)]
        return query if len(kept) == len(pairs) else "&".join(kept)

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
    """The values in an address by which a text can be told to hold them."""
    parts = _taken_apart(address)
    if parts is None:
        return
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    if user:
        yield from (f"{unquote(user)}:{unquote(password)}", f"{user}:{password}")
    if len(password) >= _SHORTEST:
        yield from (unquote(password), password)
    if len(user) >= _SHORTEST and is_no_word(user):
        yield from (unquote(user), user)
    for pair in _pairs(parts):
        name, _, value = pair.partition("=")
        value = value or name  # `?3f9a…` names nothing and is all value
        if _is_told_by(unquote_plus(name), unquote_plus(value)):
            yield from (unquote_plus(value), value)
    for segment in parts.path.split("/"):
        if is_generated(unquote(segment)):
            yield from (unquote(segment), segment)


def _is_told_by(name: str, value: str) -> bool:
    """Whether a text that holds the value holds a secret: a plain word (`user=admin`) is none by itself."""
    if len(value) < _SHORTEST:
        return False
    if is_credential(name) or name.lower().endswith("key"):
        return True
    return (may_be_secret(name) and is_no_word(value)) or is_generated(value)


def _parameters(address: str) -> Iterator[tuple[str, str]]:
    parts = _taken_apart(address)
    for pair in _pairs(parts) if parts else ():
        name, _, value = pair.partition("=")
        if may_be_secret(unquote_plus(name)):
            yield unquote_plus(name).lower(), unquote_plus(value)


def _pairs(parts: SplitResult) -> Iterator[str]:
    """The parameters of query and fragment, and of the path (`;jsessionid=…`)."""
    yield from _PAIR.findall(parts.query)
    yield from _PAIR.findall(parts.fragment)
    yield from (pair for segment in parts.path.split("/") for pair in segment.split(";")[1:])


def _taken_apart(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _without_path_parameters(path: str) -> str:
    """Without `;jsessionid=…` and its like."""
    if ";" not in path:
        return path
    segments = (segment.split(";") for segment in path.split("/"))
    return "/".join(
        ";".join([name, *(pair for pair in pairs if not is_credential(unquote(pair.partition("=")[0])))])
        for name, *pairs in segments
    )


def _forms(value: str) -> Iterator[str]:
    """The value in the spellings in which addresses, pages and headers carry it."""
    coded = quote(value, safe="")
    spelled = {value, quote(value), coded, quote_plus(value), quote(coded, safe="")}
    yield from spelled
    yield from map(escape, spelled)
    for encode in (b64encode, urlsafe_b64encode):
        whole = encode(value.encode(errors="replace")).decode()
        stem = whole[: len(value.encode(errors="replace")) // 3 * 4]  # the same whatever follows the value
        if len(stem) >= _SHORTEST_CODED:
            yield stem
