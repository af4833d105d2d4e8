"""From a request of ours to the one that goes out, or the sentence why it does not."""

from urllib.parse import urlsplit

import requests
from requests.exceptions import InvalidHeader

from service.core.errors import Cause, UpstreamError
from service.core.ports import Request
from service.http_client.decoding import ACCEPTED


def prepared(request: Request, user_agent: str) -> requests.PreparedRequest:
    """The request as it goes out, its URL normalised and fit to be asked.

    Raises:
        UpstreamError: ADDRESS_REFUSED for a URL that is none, is not of the web, or carries a password;
            REJECTED for a header that cannot be sent.
    """
    ours = {"user-agent": user_agent, "accept-encoding": ACCEPTED}
    headers = {name.title(): value for name, value in {**request.headers, **ours}.items()}
    try:
        method = "HEAD" if request.head else "GET"
        ready = requests.Request(method, request.url, headers=headers, params=dict(request.params)).prepare()
        parts = urlsplit(ready.url or "")
    except InvalidHeader:
        raise UpstreamError(Cause.REJECTED, "the request cannot be sent: a header is malformed") from None
    except ValueError:  # all that requests says of URLs, and of names that IDNA cannot write
        raise UpstreamError(Cause.ADDRESS_REFUSED, "that is no URL that can be asked") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UpstreamError(Cause.ADDRESS_REFUSED, "only http and https URLs are asked")
    if "@" in parts.netloc:
        raise UpstreamError(
            Cause.ADDRESS_REFUSED, f"the URL of {parts.hostname} carries a user name, which is not sent"
        )
    return ready
