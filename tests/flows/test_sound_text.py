"""Whatever letters a stranger writes: what was read of it can be kept, found, and written as JSON.

Lone surrogates cannot be written in UTF-8, controls neither in XML nor in a log: both go where text enters.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from source_answers import NOW, PORTAL, an_entry, answer, source_of
from stored_articles import repository_in

from service.articles.collect.assemble import Candidate, article_id, content_hash_of, make_article
from service.articles.model import ParsedEntry
from service.articles.sources.registry import parser_for
from service.articles.store.sqlite import SqliteArticleRepository
from service.core.errors import UpstreamError
from service.core.secrets import NO_SECRETS

# What is no text, beside letters that it may hide between; half of a pair may find its other half.
UNSOUND = "\ud800\udfff\ud83d\ude00\0\x01\x08\x0b\x0c\x1b\x7f\x80\x85\x92\x9f\ufdd0\ufffe\uffff\U0001ffff"
TEXTS = st.text(st.sampled_from(UNSOUND + "aĐ <>&\"'\\/;,-()\n\t") | st.characters(), max_size=30)
NAMED = st.sampled_from(["&#{};", "&#x{:x};", "\\u{:04x}"])


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> SqliteArticleRepository:
    return repository_in(tmp_path_factory.mktemp("articles"))


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings_in(part)


def is_sound(text: str) -> bool:
    """Whether there is nothing in it but characters, and of the controls none but tab and line ends."""
    text.encode()
    kinds = {unicodedata.category(letter) for letter in text.translate(dict.fromkeys(map(ord, "\t\r\n")))}
    return "Cc" not in kinds and not any(
        ord(one) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(one) < 0xFDF0 for one in text
    )


def read(kind: str, body: str, content_type: str) -> list[ParsedEntry]:
    reader = parser_for(source_of("page" if kind == "article" else kind, language=""))
    data = body.encode("utf-8", "surrogatepass")
    try:
        if kind == "article":
            entry = an_entry("Lễ hội bên sông")
            return [reader.read_page(answer(data, content_type, entry.url or ""), entry, NOW)]
        return list(reader.read_listing(answer(data, content_type, f"{PORTAL}/tin-tuc"), NOW).entries)
    except UpstreamError as refusal:
        assert is_sound(refusal.detail)  # noqa: PT017 - either outcome is right
        return []


def keep(repository: SqliteArticleRepository, entry: ParsedEntry) -> None:
    """Kept as the collector would, found again by its own words, and written as JSON."""
    assert all(map(is_sound, strings_in(asdict(entry))))
    assert "\n" not in entry.key + entry.title + entry.lead
    one = article_id("cong", entry.key)
    candidate = Candidate(one, entry.key, entry, content_hash_of(entry), 1, shares_link=False)
    article = make_article(
        candidate,
        entry,
        source_of(),
        stored=None,
        image=None,
        body_html=entry.body_html,
        secrets=NO_SECRETS,
        now=NOW,
    )
    repository.save([article])
    assert repository.get([article.id]) == [article]
    repository.page(query=f"{entry.title} {entry.lead}")
    json.dumps(asdict(replace(article)), default=str, ensure_ascii=False).encode()


def in_every_format(text: str) -> Iterator[tuple[str, str, str]]:
    """Documents with the text wherever one may stand: the kind of source, the document, its type."""
    raw, quoted = escape(text), escape(text, {'"': "&quot;"})
    rss = (
        f'<rss version="2.0" xml:lang="{quoted}"><channel><language>{raw}</language><item><guid>{raw}</guid>'
        f"<title>Tin {raw}</title><link>{PORTAL}/{raw}</link><author>{raw}</author><pubDate>{raw}</pubDate>"
        f"<description><![CDATA[<p>{text}</p><img src='/{quoted}.jpg' alt='{quoted}'>]]></description>"
        f"<enclosure url='/{quoted}.jpg' type='image/{quoted}'/></item></channel></rss>"
    )
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry xml:lang="{quoted}"><id>{raw}</id>'
        f'<title>Tin {raw}</title><link href="{quoted}"/><author><name>{raw}</name></author>'
        f'<content type="html">{raw}</content></entry></feed>'
    )
    yield "feed", rss, "application/rss+xml"
    yield "feed", atom, "application/atom+xml"
    image = {"url": text, "mime_type": "image/png"}
    person = {"name": text, text: text}
    item = {"id": f"1{text}", "title": f"Tin {text}", "content_html": text, "url": text, "summary": text}
    item |= {
        "image": text,
        "attachments": [image],
        "authors": [person],
        "language": text,
        "date_published": text,
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "language": text, "items": [item]}
    rendered = {"rendered": text}
    post = {"id": 1, "link": f"{PORTAL}/{text}", "title": {"rendered": f"Tin {text}"}, "excerpt": rendered}
    post |= {"content": rendered, "date": text, "jetpack_featured_media_url": text}
    post |= {"_embedded": {"author": [person], "wp:featuredmedia": [{"source_url": text, "alt_text": text}]}}
    for is_ascii in (True, False):
        yield "feed", json.dumps(feed, ensure_ascii=is_ascii), "application/feed+json"
        yield "wordpress", json.dumps([post], ensure_ascii=is_ascii), "application/json"
        yield (
            "wordpress",
            json.dumps({"code": text, "message": text}, ensure_ascii=is_ascii),
            "application/json",
        )
    data: dict[str, Any] = {"@type": "NewsArticle", "headline": f"Lễ hội {text}", "author": [person]}
    data |= {"image": [image], "description": text, "datePublished": text, "@id": text}
    page = (
        f'<html><head><title>{raw}</title><meta property="og:title" content="Lễ hội {quoted}">'
        f'<meta name="author" content="{quoted}"><meta property="og:image" content="/{quoted}.jpg">'
        f'<base href="{quoted}"><script type="application/ld+json">{json.dumps(data)}</script></head><body>'
        f'<h1>Lễ hội bên sông</h1><p class="author">{raw}</p><div class="article-body"><p>{raw}</p>'
        f'<p>{"Một câu dài về lễ hội bên sông. " * 20}</p><img src="/{quoted}.jpg" alt="{quoted}"></div>'
        f'<a href="/{quoted}.html">Lễ hội bên sông lần thứ nhất {raw}</a>'
        f'<a href="/2{quoted}.html">Lễ hội bên sông lần thứ hai {raw}</a></body></html>'
    )
    yield "article", page, "text/html"
    yield "page", page, "text/html"


@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
@example(text="bad\ud800")
@example(text=UNSOUND)
def test_what_was_read_can_be_kept_found_and_written(repository: SqliteArticleRepository, text: str) -> None:
    for kind, body, content_type in in_every_format(text):
        for entry in read(kind, body, content_type):
            keep(repository, entry)


@settings(deadline=None, max_examples=30)
@given(
    form=NAMED,
    code=st.sampled_from([ord(one) for one in UNSOUND if ord(one) <= 0xFFFF]) | st.integers(0, 0xFFFF),
)
def test_what_a_reference_stands_for_is_text_as_well(
    repository: SqliteArticleRepository, form: str, code: int
) -> None:
    reference = form.format(code)
    for kind, body, content_type in in_every_format("CHỖ NÀY"):
        for written in {"CHỖ NÀY", json.dumps("CHỖ NÀY")[1:-1]}:
            for entry in read(kind, body.replace(written, reference), content_type):
                keep(repository, entry)
