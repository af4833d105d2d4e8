"""A kind of source that lists date, address and title of an article on a line."""

import json

from changed_tree import ChangedTree
from local_upstream import LocalUpstream

RECIPE = "To add a kind of article source"
PARSER = '''
"""Sources that publish a line for each article: its date, its address and its title."""

from dataclasses import dataclass
from datetime import datetime

from service.articles.extract.context import ParseContext
from service.articles.model import Listing, ParsedEntry
from service.articles.text import decoding, plain_text
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.settings.model import ArticleSource


@dataclass(frozen=True, slots=True)
class Lines:
    source: ArticleSource

    def listing_request(self) -> Request:
        return Request(self.source.url)

    def read_listing(self, response: Response, now: datetime) -> Listing:
        text = decoding.decode(response.body, response.headers.get("content-type", ""), self.source.charset)
        context = ParseContext(self.source, now, response.url)
        rows = [line.split("\\t") for line in text.splitlines()]
        entries = [_entry(row, context) for row in rows if len(row) == 3]
        if not entries:
            raise UpstreamError(Cause.UNREADABLE, "The list has no lines.")
        return Listing(tuple(entries))

    def wants_page(self, entry: ParsedEntry) -> bool:
        return False

    def page_request(self, entry: ParsedEntry) -> Request | None:
        return None

    def read_page(self, response: Response, entry: ParsedEntry, now: datetime) -> ParsedEntry:
        return entry


def _entry(row: list[str], context: ParseContext) -> ParsedEntry:
    date, address, title = row
    return ParsedEntry(
        key=address,
        title=plain_text.title(title),
        url=context.absolute_url(address),
        published=context.parse_date(date),
    )
'''
LINES = (
    "07/03/2020 08:15\t/bai/1\tĐông Hà ra quân dọn vệ sinh\n06/03/2020 09:00\t/bai/2\tKhai mạc chợ phiên\n"
)
SOURCE = """
[[articles.source]]
id = "phuong"
kind = "lines"
name = "UBND phường"
url = "{url}"
"""


def test_a_class_with_a_name_in_both_lists_is_a_kind_whose_articles_are_shown(
    tree: ChangedTree, upstream: LocalUpstream
) -> None:
    tree.write("service/articles/sources/lines.py", PARSER)
    registry = "service/articles/sources/registry.py"
    tree.insert(
        registry,
        after="from service.articles.sources.html_listing",
        lines="from service.articles.sources.lines import Lines",
    )
    tree.replace(registry, '"page": HtmlListing', '"page": HtmlListing, "lines": Lines')
    tree.replace("service/settings/schema.py", '"page", "wordpress"', '"page", "wordpress", "lines"')
    upstream.answer("/tin.txt", body=LINES, headers={"Content-Type": "text/plain; charset=utf-8"})
    file = tree.home / "config.toml"
    file.write_text(SOURCE.format(url=upstream.url("/tin.txt")), encoding="utf-8")
    settings = {"config": str(file), "weather__cities": "", "upstream__allow_private": "127.0.0.1"}
    checked = tree.command("check", **settings)
    assert "articles.phuong" in checked.stdout
    assert "ok: newest “Đông Hà ra quân dọn vệ sinh”" in checked.stdout
    collected = tree.command("collect", "--once", **settings)
    assert collected.returncode == 0, collected.stderr
    articles, widget = tree.get("/api/v1/articles", "/widgets/articles", **settings)
    told = json.loads(articles.text)["articles"]
    assert [article["title"] for article in told] == ["Đông Hà ra quân dọn vệ sinh", "Khai mạc chợ phiên"]
    assert told[0]["published_at"].startswith("2020-03-07T08:15")
    assert "Khai mạc chợ phiên" in widget.text
