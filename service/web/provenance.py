"""Says what the answer under way is made of. Whoever reads from the store says it: no view can forget.

Outside a request, and where nobody in front of us keeps answers, nothing is said.
"""

from collections.abc import Iterable

from flask import has_request_context, request

from service.http_cache.cache_tags import IN_ENVIRON, Dependencies
from service.web.cache_policy import CachePolicy


def made_of(items: Iterable[str]) -> None:
    """The answer changes when one of these is written: keys of the store's writes."""
    if slip := _slip():
        slip.items.update(items)


def unsure() -> None:
    """The answer holds what may be out of date already: nobody is to keep it."""
    if slip := _slip():
        slip.sure = False


def valid(validity: CachePolicy) -> None:
    """So long the answer is true by the clock."""
    if slip := _slip():
        slip.true_for = None if validity.max_age is None else validity.max_age.total_seconds()
        slip.bridges = validity.bridges.total_seconds()


def _slip() -> Dependencies | None:
    if not has_request_context():
        return None
    found: Dependencies | None = request.environ.get(IN_ENVIRON)
    return found
