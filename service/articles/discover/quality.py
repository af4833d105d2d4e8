"""How much of its articles a source tells, by which the best of several is chosen."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from service.articles.model import ParsedEntry
from service.articles.text import urls
from service.settings.model import ArticleSource

_JUDGED = 20  # entries of a listing
_ENOUGH = 10  # entries, beyond which more are no better
_FEW, _MANY = 0.6, 0.9  # shares
_PAGE_WEIGHT, _FRONT_PAGE_WEIGHT, _PART_WEIGHT, _NO_NEWS_WEIGHT = 0.8, 0.95, 0.8, 0.6
_STALE, _DEAD = timedelta(days=30), timedelta(days=180)  # behind the newest article of all sources
_VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_COMMENT = re.compile(
    r"(?:comments? on|reply to|re:|by:|bình luận (?:về|bài|cho)|phản hồi(?: về| bài|:)|trả lời:)",
    re.IGNORECASE,
)
_NO_NEWS = re.compile(
    r"\b(?:laws?|van-?ban|văn bản|downloads?|about|gioi-?thieu|giới thiệu|faqs?|videos?|albums?|gallery"
    r"|products?|shops?|san-?pham|sản phẩm|events?|calendar|lich-?cong-?tac|lịch công tác|jobs?|tuyen-?dung"
    r"|tuyển dụng|forum|dien-?dan|diễn đàn|thu-?tuc|thủ tục)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"/(?:category|categories|tag|tags|topic|chuyen-?muc|danh-?muc|taxonomy/term|author)/|[?&](?:cat|catid|tag)=",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quality:
    """What the entries of one source have: shares of them from 0 to 1.

    Attributes:
        count: all that are listed.
        own: lead to the portal itself, or all to one other host, as where it has two names.
        newest: publication; None where no entry has a date.
    """

    count: int
    own: float = 0.0
    dated: float = 0.0
    with_lead: float = 0.0
    with_text: float = 0.0
    with_picture: float = 0.0
    signed: float = 0.0
    newest: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing that matters is missing: several articles of the portal with dates and leads."""
        return self.count > 2 and min(self.own, self.dated, self.with_lead) >= _MANY  # noqa: PLR2004 - several

    @property
    def has_all(self) -> bool:
        """Whether every article has a date and a text."""
        return min(self.dated, self.with_text) == 1

    @property
    def parts(self) -> float:
        """What the articles have of titles, dates and texts together."""
        return self.own + self.dated + self.with_lead + self.with_text

    @property
    def is_usable(self) -> bool:
        """Whether these are articles at all, and not, say, the entries of a menu."""
        return self.count > 0 and max(self.dated, self.with_lead, self.with_text) >= _FEW


def judge(entries: Sequence[ParsedEntry], hosts: Collection[str], count: int | None = None) -> Quality:
    """Return the quality of entries; `count` is that of the listing, where these are some of it."""
    judged = entries[:_JUDGED]
    if not judged:
        return Quality(0)
    dates = [entry.published.at for entry in judged if entry.published]

    def share(having: Sequence[object]) -> float:
        return sum(map(bool, having)) / len(judged)

    return Quality(
        count=len(entries) if count is None else count,
        own=_own(judged, hosts),
        dated=share([entry.published for entry in judged]),
        with_lead=share([entry.lead or entry.body_html for entry in judged]),
        with_text=share([entry.body_html for entry in judged]),
        with_picture=share([entry.images for entry in judged]),
        signed=share([entry.author or entry.organisation for entry in judged]),
        newest=max(dates, default=None),
    )


def _own(entries: Sequence[ParsedEntry], hosts: Collection[str]) -> float:
    names = [urlsplit(entry.url).hostname if entry.url else None for entry in entries]
    most = Counter(filter(None, names)).most_common(1)
    is_one_host = bool(most) and most[0][1] >= _MANY * len(names)
    return 1.0 if is_one_host else sum(name in hosts for name in names) / len(names)


def score(quality: Quality, source: ArticleSource, label: str, newest: datetime | None) -> float:
    """Return how good a source is, from 0 to 100.

    A page is read by what it looks like, so that a feed which tells as much is better. A front page has lists
    of other things too.

    Args:
        quality: of its entries.
        source: it may be one of a part of the portal, or of something else than news.
        label: how the portal calls it.
        newest: the newest article of all sources.
    """
    points = 27 * quality.dated + 20 * quality.with_lead + 7 * quality.with_text + 5 * quality.with_picture
    points += 3 * quality.signed + 38 * min(quality.count, _ENOUGH) / _ENOUGH
    points *= 0.4 + 0.6 * quality.own
    if source.kind == "page":
        points *= _PAGE_WEIGHT * (_FRONT_PAGE_WEIGHT if urlsplit(source.url).path in ("", "/") else 1.0)
    points *= _PART_WEIGHT if is_of_a_part(source.url) else 1.0
    points *= _NO_NEWS_WEIGHT if is_of_no_news(source.url, label) else 1.0
    if newest is not None and quality.newest is not None:
        behind = newest - quality.newest
        points *= 0.3 if behind > _DEAD else 0.6 if behind > _STALE else 1.0
    return points


def is_of_a_part(url: str) -> bool:
    """Return whether an address is that of a category, a tag or an author of a portal."""
    return _PART.search(url) is not None


def is_of_no_news(url: str, label: str) -> bool:
    """Return whether a source is one of documents, events, films or the like, by its address and its name."""
    return _NO_NEWS.search(f"{url} {label}") is not None


def are_comments(entries: Sequence[ParsedEntry]) -> bool:
    """Return whether most of the entries are comments, by their titles."""
    judged = entries[:_JUDGED]
    return bool(judged) and sum(bool(_COMMENT.match(entry.title)) for entry in judged) > len(judged) / 2


def are_vietnamese(entries: Sequence[ParsedEntry]) -> bool:
    """Return whether most of the titles have letters that Vietnamese alone has."""
    judged = entries[:_JUDGED]
    return sum(bool(_VIETNAMESE.search(entry.title)) for entry in judged) > len(judged) / 2


def is_part_of(entries: Sequence[ParsedEntry], others: Sequence[ParsedEntry]) -> bool:
    """Return whether a source lists only what another one lists too, and less of it."""
    own, theirs = _addresses(entries), _addresses(others)
    return bool(own) and own < theirs


def _addresses(entries: Sequence[ParsedEntry]) -> set[str]:
    return {urls.canonical_url(entry.url) for entry in entries if entry.url}
