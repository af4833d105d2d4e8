"""Asking for what must fail."""

import pytest

from service.core.errors import UpstreamError
from service.core.ports import Request, Upstream


def failure_of(client: Upstream, url: str, **headers: str) -> UpstreamError:
    """The failure that asking for this ends in; an answer fails the test."""
    asked = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with pytest.raises(UpstreamError) as caught:
        client.fetch(asked)
    return caught.value
