"""What every parser needs besides the text: the source's settings, the clock, and the page's base URL."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.articles.model import ImageCandidate, Published
from service.articles.text import dates, urls
from service.settings.model import ArticleSource

_MAX_AHEAD = timedelta(days=1)  # a date further ahead of our clock is no date of publication
_MIN_SIDE = 3  # pixels; smaller images are trackers
_MAX_WORDS = 1_000  # characters of `alt` and caption
_PIXELS = re.compile(r"\d{1,5}")
_TRACKER_OR_DECORATION = re.compile(
    r"/smil(?:ey|ie)s?/|/emoji/|/emoticons?/|feedburner\.com/~|doubleclick|pixel\.gif|spacer\.gif|blank\.gif",
    re.IGNORECASE,
)
_FEED_HOST = re.compile(r"feeds?\.", re.IGNORECASE)
_FEED_TRACKER = "/~r/"  # behind such a host; searched by `find`, as one regex for both would be quadratic


@dataclass(frozen=True, slots=True)
class ParseContext:
    """How to interpret the dates and URLs of one response; `base` is what relative links start from."""

    source: ArticleSource
    now: datetime
    base: str

    def parse_date(self, text: str) -> Published | None:
        """Return the date that the text is; None for one in the future."""
        return self._not_ahead(dates.parse(text, self.source.zone, self.now, self.source.date_order))

    def find_date(self, text: str) -> tuple[Published, tuple[int, int]] | None:
        """Return the date in a longer text and its span."""
        found = dates.find(text, self.source.zone, self.now, self.source.date_order)
        return found if found and self._not_ahead(found[0]) else None

    def absolute_url(self, url: object) -> str | None:
        """Return the absolute URL; None for one that readers should not follow."""
        return urls.normalise_url(url, self.base) if isinstance(url, str) and url.strip() else None

    def image(
        self, url: object, width: object = None, height: object = None, alt: str = "", caption: str = ""
    ) -> ImageCandidate | None:
        """Return the image at a URL; None for trackers and decoration."""
        absolute = self.absolute_url(url)
        if absolute is None or _TRACKER_OR_DECORATION.search(absolute):
            return None
        host = _FEED_HOST.search(absolute)
        if host and absolute.lower().find(_FEED_TRACKER, host.end() + 1) >= 0:
            return None
        sides = (parse_pixels(width), parse_pixels(height))
        if any(side is not None and side < _MIN_SIDE for side in sides):
            return None
        return ImageCandidate(absolute, *sides, alt[:_MAX_WORDS], caption[:_MAX_WORDS])

    def _not_ahead(self, published: Published | None) -> Published | None:
        return None if published is None or published.at > self.now + _MAX_AHEAD else published


def parse_pixels(length: object) -> int | None:
    """Return the pixels of `600`, `"600"` or `"600px"`; None for anything else, percentages included."""
    if isinstance(length, bool) or not isinstance(length, str | int | float):
        return None
    text = str(length).strip()
    match = _PIXELS.match(text)
    return int(match[0]) if match and not text.endswith("%") else None
