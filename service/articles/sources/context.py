"""From where a text is read: the portal's zone and order of dates, our clock, its address."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.articles.model import ImageCandidate, Published
from service.articles.text import dates, urls
from service.settings.model import ArticleSource

_AHEAD = timedelta(days=1)  # a date further ahead of our clock is no date of publication
_SMALLEST = 3  # pixels; what is smaller counts readers and shows nothing
_LONGEST_WORDS = 1_000  # characters beside a picture
_NUMBER = re.compile(r"\d{1,5}")
_NOT_A_PICTURE_OF_IT = re.compile(
    r"/smil(?:ey|ie)s?/|/emoji/|/emoticons?/|feedburner\.com/~|doubleclick|pixel\.gif|spacer\.gif|blank\.gif",
    re.IGNORECASE,
)
_FEED_HOST = re.compile(r"feeds?\.", re.IGNORECASE)
_COUNTER = "/~r/"  # on such a host, the address of a picture that counts readers


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What every reader of a format needs to make sense of dates and addresses."""

    source: ArticleSource
    now: datetime
    base: str

    def date(self, text: str) -> Published | None:
        """The date that the text is; None for one that lies ahead."""
        return self._not_ahead(dates.parse(text, self.source.zone, self.now, self.source.date_order))

    def date_within(self, text: str) -> tuple[Published, tuple[int, int]] | None:
        """The first date in the text, and from where to where it is written."""
        found = dates.find(text, self.source.zone, self.now, self.source.date_order)
        return found if found and self._not_ahead(found[0]) else None

    def link(self, url: object) -> str | None:
        """The absolute address; None for what no reader should be sent to."""
        return urls.normalise_url(url, self.base) if isinstance(url, str) and url.strip() else None

    def picture(
        self, url: object, width: object = None, height: object = None, alt: str = "", caption: str = ""
    ) -> ImageCandidate | None:
        """The picture at an address; None for what only counts readers or decorates a text."""
        address = self.link(url)
        wide, high = pixels(width), pixels(height)
        if address is None or _NOT_A_PICTURE_OF_IT.search(address) or _counts_readers(address):
            return None
        if any(size is not None and size < _SMALLEST for size in (wide, high)):
            return None
        return ImageCandidate(address, wide, high, alt[:_LONGEST_WORDS], caption[:_LONGEST_WORDS])

    def _not_ahead(self, published: Published | None) -> Published | None:
        return None if published is None or published.at > self.now + _AHEAD else published


def _counts_readers(address: str) -> bool:
    host = _FEED_HOST.search(address)
    return host is not None and address.lower().find(_COUNTER, host.end() + 1) >= 0


def pixels(size: object) -> int | None:
    """`600`, `"600"` or `"600px"` as a number of pixels; None for anything else, percentages too."""
    if isinstance(size, bool) or not isinstance(size, str | int | float):
        return None
    text = str(size).strip()
    match = _NUMBER.match(text)
    return int(match[0]) if match and not text.endswith("%") else None
