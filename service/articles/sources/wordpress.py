"""A portal that runs WordPress, by its REST interface (https://developer.wordpress.org/rest-api/)."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from service.articles.extract import article_page
from service.articles.model import Listing, ParsedEntry
from service.articles.sources import json_text
from service.articles.sources.context import ParseContext
from service.articles.sources.messages import unreadable
from service.articles.sources.wordpress_post import draft_of
from service.articles.text import decoding
from service.core.ports import Answer, Request
from service.settings.model import ArticleSource

_ENDPOINT = "/wp-json/wp/v2/posts"
_POSTS = 30  # asked for at a time
_EXPECTED = "WordPress's list of posts"
_LOCKED = "its interface is closed to strangers"
_CODES = {  # in our words: WordPress's own may echo what it was asked
    "rest_no_route": "it has no list of posts at this address",
    "rest_forbidden": _LOCKED,
    "rest_cannot_access": _LOCKED,
    "rest_login_required": _LOCKED,
    "rest_not_logged_in": _LOCKED,
    "rest_user_cannot_view": _LOCKED,
    "rest_disabled": "its interface is switched off",
    "rest_api_disabled": "its interface is switched off",
}


@dataclass(frozen=True, slots=True)
class WordPress:
    """A source of the kind `wordpress`. Its address is the site's, or that of a list of posts."""

    source: ArticleSource

    def listing_request(self) -> Request:
        """The newest posts, with their authors and pictures."""
        url = self.source.url
        parts = urlsplit(url)
        is_a_list = "/wp-json/" in parts.path or "rest_route=" in parts.query
        params = {"_embed": "1", "per_page": str(_POSTS)}
        address = url if is_a_list else url.split("?")[0].rstrip("/") + _ENDPOINT
        return Request(address, params=params, headers={"accept": "application/json"})

    def read_listing(self, answer: Answer, now: datetime) -> Listing:
        """The posts.

        Raises:
            UpstreamError: when the answer is no list of posts.
        """
        written = decoding.decode(answer.body, answer.headers.get("content-type", ""), self.source.charset)
        posts = json_text.opened(written, _EXPECTED)
        if not isinstance(posts, list):
            raise unreadable(_refusal(posts))
        at = ParseContext(self.source, now, answer.url)
        drafts = tuple(filter(None, (draft_of(post, at) for post in posts if isinstance(post, dict))))
        if not drafts:
            raise unreadable("The site's list of posts is empty.")
        return Listing(drafts)

    def wants_page(self, draft: ParsedEntry) -> bool:
        """When the post has no excerpt or no featured picture."""
        return article_page.is_wanted(draft, self.source)

    def page_request(self, draft: ParsedEntry) -> Request | None:
        """The post's own page."""
        return article_page.request(draft)

    def read_page(self, answer: Answer, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        """The draft completed from the post's page.

        Raises:
            UpstreamError: when the page is no article.
        """
        return article_page.completed(draft, answer, self.source, now)


def _refusal(value: object) -> str:
    code = value.get("code") if isinstance(value, dict) else None
    if not isinstance(code, str):
        return f"This is JSON, but not {_EXPECTED}."
    why = _CODES.get(code, "")
    return f"WordPress answers with an error instead of its posts{f': {why}' if why else ''}."
