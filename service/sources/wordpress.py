"""A portal that runs WordPress, by its REST interface (https://developer.wordpress.org/rest-api/)."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from service.domain.articles import Draft, Listing
from service.domain.ports import Answer, Request
from service.sources import article_page, decoding, json_text, text
from service.sources.refusals import unreadable
from service.sources.settings import SourceSettings
from service.sources.standpoint import Standpoint
from service.sources.wordpress_post import draft_of

_ENDPOINT = "/wp-json/wp/v2/posts"
_POSTS = 30  # asked for at a time
_EXPECTED = "WordPress's list of posts"


@dataclass(frozen=True, slots=True)
class WordPress:
    """A source of the kind `wordpress`. Its address is the site's, or that of a list of posts."""

    settings: SourceSettings

    @property
    def id(self) -> str:
        """The name in the configuration and in the JSON."""
        return self.settings.id

    def listing_request(self) -> Request:
        """The newest posts, with their authors and pictures."""
        url = self.settings.url
        parts = urlsplit(url)
        is_a_list = "/wp-json/" in parts.path or "rest_route=" in parts.query
        params = {"_embed": "1", "per_page": str(_POSTS)}
        address = url if is_a_list else url.split("?")[0].rstrip("/") + _ENDPOINT
        return Request(address, params=params, headers={"accept": "application/json"})

    def read_listing(self, answer: Answer, now: datetime) -> Listing:
        """The posts.

        Raises:
            UpstreamError: when the answer is no list of posts; a closed interface tells why in its own words.
        """
        written = decoding.decoded(answer.body, answer.headers.get("content-type", ""), self.settings.charset)
        posts = json_text.opened(written, _EXPECTED)
        if not isinstance(posts, list):
            raise unreadable(_refusal(posts))
        at = Standpoint(self.settings, now, answer.url)
        drafts = tuple(filter(None, (draft_of(post, at) for post in posts if isinstance(post, dict))))
        if not drafts:
            raise unreadable("The site's list of posts is empty.")
        return Listing(drafts)

    def wants_page(self, draft: Draft) -> bool:
        """When the post has no excerpt or no featured picture."""
        return article_page.is_wanted(draft, self.settings)

    def page_request(self, draft: Draft) -> Request | None:
        """The post's own page."""
        return article_page.request(draft)

    def read_page(self, answer: Answer, draft: Draft, now: datetime) -> Draft:
        """The draft completed from the post's page.

        Raises:
            UpstreamError: when the page is no article.
        """
        return article_page.completed(draft, answer, self.settings, now)


def _refusal(value: object) -> str:
    code = value.get("code") if isinstance(value, dict) else None
    message = value.get("message") if isinstance(value, dict) else None
    if not isinstance(code, str):
        return f"This is JSON, but not {_EXPECTED}."
    said = text.plain(f"{code}: {message}" if isinstance(message, str) else code)
    return f"WordPress answers with an error instead of its posts ({said[:200]})."
