"""The text of an article, as its source or its page gave it, cleaned and sanitised."""

from datetime import datetime

from service.articles.extract.boilerplate import remove_boilerplate
from service.articles.extract.context import ParseContext
from service.articles.extract.titles import Headline
from service.articles.model import ParsedEntry
from service.articles.text import sanitise
from service.articles.text.html_tree import parse_html
from service.articles.text.sanitise import SanitisedHtml
from service.core.errors import UpstreamError
from service.settings.model import ArticleSource


def article_text(entry: ParsedEntry, source: ArticleSource, now: datetime) -> SanitisedHtml:
    """Return the text of an entry without what its portal lays around it; its links are relative to its own.

    That of a source of kind `page` was cleaned with its page.
    """
    markup, base = entry.body_html or "", entry.body_base or entry.url or ""
    if source.kind != "page":
        markup = _cleaned(markup, entry.title, ParseContext(source, now, base))
    return sanitise.sanitise_html(markup, base)


def _cleaned(markup: str, title: str, context: ParseContext) -> str:
    try:
        body = parse_html(markup).body
    except UpstreamError:  # too many elements for that; the sanitiser has limits of its own
        return markup
    if body is None:
        return markup
    remove_boilerplate([body], Headline(title), context)
    return body.inner_html or ""
