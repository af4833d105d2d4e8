"""Responses of sources for the tests of their parsers, written by hand, parsed at one fixed time."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from service.articles.model import ParsedEntry
from service.core.ports import Response
from service.settings.model import ArticleSource, Selectors

PAYLOADS = Path(__file__).parent / "articles" / "sources" / "payloads"
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
PORTAL = "https://cong.example.gov.vn"


def source_of(  # noqa: PLR0913 - a source's configuration has as many keys
    kind: str = "feed",
    url: str = f"{PORTAL}/rss.xml",
    *,
    language: str = "vi",
    charset: str = "",
    date_order: str = "dmy",
    full_text: bool = True,
    selectors: Selectors | None = None,
) -> ArticleSource:
    """Return the settings of a source."""
    return ArticleSource(
        id="cong",
        kind=kind,
        name="Cổng TTĐT",
        url=url,
        timezone=VIETNAM.key,
        language=language,
        charset=charset,
        date_order=date_order,
        full_text=full_text,
        selectors=selectors or Selectors(),
    )


def answer(
    body: str | bytes, content_type: str = "application/xml", url: str = f"{PORTAL}/rss.xml"
) -> Response:
    """Return a complete response with this body; a str is encoded as UTF-8."""
    data = body.encode() if isinstance(body, str) else body
    return Response(200, {"content-type": content_type}, data, url)


def page(name: str, url: str = f"{PORTAL}/tin-tuc") -> Response:
    """Return the payload of this name as a page of the source."""
    return answer((PAYLOADS / name).read_bytes(), "text/html", url)


def an_entry(title: str = "", url: str = f"{PORTAL}/tin-tuc/le-hoi-dong-song-1009.html") -> ParsedEntry:
    """Return an entry of a listing that has no more than a title and a link."""
    return ParsedEntry(key="1009", title=title, url=url)
