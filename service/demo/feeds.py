"""The sample articles as feeds: RSS 2.0 as Vietnamese portals write it, Atom (RFC 4287) with Media RSS."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from html import escape
from http import HTTPStatus

from service.demo.articles import Issue, Outlet
from service.demo.canvas import HEIGHT, WIDTH
from service.demo.portal import text_html

Answer = tuple[HTTPStatus, dict[str, str], bytes]

_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" \
xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{title}</title>
<link>{home}</link>
<description>{title}: tin mới nhất</description>
<language>vi</language>
<lastBuildDate>{changed}</lastBuildDate>
<ttl>15</ttl>
<atom:link href="{self_url}" rel="self" type="application/rss+xml"/>
{items}
</channel>
</rss>
"""
_ITEM = """<item>
<title>{title}</title>
<link>{link}</link>
<guid isPermaLink="false">{name}</guid>
<pubDate>{date}</pubDate>
{creator}<description><![CDATA[{description}]]></description>
<content:encoded><![CDATA[{content}]]></content:encoded>
</item>"""
_ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="vi">
<id>tag:example.com,2026:{id}</id>
<title>{title}</title>
<updated>{changed}</updated>
<link rel="alternate" type="text/html" href="{home}"/>
<link rel="self" type="application/atom+xml" href="{self_url}"/>
{entries}
</feed>
"""
_THUMBNAIL = '<media:thumbnail url="{url}" width="{width}" height="{height}"/>\n'
_ENTRY = """<entry xml:lang="{language}">
<id>tag:example.com,2026:{name}</id>
<title>{title}</title>
<link rel="alternate" type="text/html" href="{link}"/>
<published>{date}</published>
<updated>{date}</updated>
<author><name>{author}</name></author>
<summary>{lead}</summary>
{picture}</entry>"""


def rss(outlet: Outlet, issues: Sequence[Issue], url: str, self_url: str) -> bytes:
    """RSS 2.0 with the whole text; `url` is the server's own, without a slash at the end."""
    return _RSS.format(
        title=escape(outlet.name),
        home=url + outlet.folder,
        changed=format_datetime(issues[0].at),
        self_url=self_url,
        items="\n".join(_item(outlet, issue, url) for issue in issues),
    ).encode()


def atom(outlet: Outlet, issues: Sequence[Issue], url: str, self_url: str) -> bytes:
    """Atom with leads and thumbnails; the rest as for RSS."""
    return _ATOM.format(
        id=outlet.id,
        title=escape(outlet.name),
        changed=issues[0].at.isoformat(),
        home=url + outlet.folder,
        self_url=self_url,
        entries="\n".join(_entry(issue, url) for issue in issues),
    ).encode()


def conditional(body: bytes, kind: str, changed: datetime, headers: Mapping[str, str]) -> Answer:
    """The answer with a strong ETag and `Last-Modified`, or 304 for a client that has it (RFC 9110 §13).

    The names of the request's headers are lower case; an `If-None-Match` makes the date count for nothing.
    """
    tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    about = {"ETag": tag, "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True)}
    known, since = headers.get("if-none-match"), headers.get("if-modified-since")
    if _has_tag(tag, known) if known else _has_date(changed, since):
        return HTTPStatus.NOT_MODIFIED, about, b""
    return HTTPStatus.OK, {"Content-Type": f"{kind}; charset=utf-8", **about}, body


def _has_tag(tag: str, known: str) -> bool:
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    return not tags.isdisjoint({tag, "*"})


def _has_date(changed: datetime, since: str | None) -> bool:
    """A date that cannot be read is as if it were not there."""
    try:
        known = parsedate_to_datetime(since) if since else None
    except ValueError:
        return False
    return known is not None and known.tzinfo is not None and known >= changed.replace(microsecond=0)


def _item(outlet: Outlet, issue: Issue, url: str) -> str:
    """An article of another outlet is told of with a link to its page there, marked as feeds like to."""
    story = issue.story
    mark = "" if story.home == outlet else f"?utm_source=rss&utm_medium={outlet.id}"
    link = url + issue.path + mark
    byline = f"<dc:creator>{escape(story.byline)}</dc:creator>\n" if story.byline else ""
    return _ITEM.format(
        title=escape(story.title),
        link=escape(link),
        name=issue.name,
        date=format_datetime(issue.at),
        creator=byline,
        description=_description(issue, url, link),
        content=_content(issue, url),
    )


def _description(issue: Issue, url: str, link: str) -> str:
    """A small picture that is a link, a line break of its own kind, the lead."""
    if issue.picture_path is None:
        return escape(issue.story.lead)
    picture = f'<img width="130" height="87" src="{url}{issue.picture_path}" alt="">'
    return f'<a href="{escape(link)}">{picture}</a></br>{escape(issue.story.lead)}'


def _content(issue: Issue, url: str) -> str:
    """The picture and the text; the lead stands in the description."""
    if issue.picture_path is None:
        return text_html(issue.story)
    caption = escape(issue.story.caption)
    picture = f'<img src="{url}{issue.picture_path}" alt="{caption}">'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>\n{text_html(issue.story)}"


def _entry(issue: Issue, url: str) -> str:
    story, picture = issue.story, issue.picture_path
    thumbnail = _THUMBNAIL.format(url=url + picture, width=WIDTH, height=HEIGHT) if picture else ""
    return _ENTRY.format(
        language=story.language,
        name=issue.name,
        title=escape(story.title),
        link=url + issue.path,
        date=issue.at.isoformat(),
        author=escape(story.byline),
        lead=escape(story.lead),
        picture=thumbnail,
    )
