"""One request for a batch: conditional where the last answer is kept, and read at the clock of now."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.core.errors import Cause, UpstreamError, traceback_without_messages
from service.core.ports import Answer, Request, Store, Upstream
from service.http_client.caching_headers import conditional_headers, http_date
from service.weather import keys, records
from service.weather.collect.schedule import Batch
from service.weather.provider import ProviderForecast

_NOT_MODIFIED = 304
_CLOCKS_AGREE = timedelta(minutes=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FetchResult:
    """An answer and what it says of each place; `to_keep` makes the next request conditional upon it."""

    answer: Answer
    said: Sequence[ProviderForecast | None]
    to_keep: Mapping[str, bytes] = field(default_factory=dict)


def ask(batch: Batch, upstream: Upstream, store: Store, clock: Callable[[], datetime]) -> FetchResult:
    """Ask for the batch. A 304 stands for the body that was kept.

    Raises:
        UpstreamError: when there is no answer, or nothing in it that can be used.
        StoreError: when the kept answer cannot be looked up.
    """
    request = batch.provider.request(batch.dataset, batch.places)
    if batch.provider.limits.max_places > 1:
        answer = upstream.fetch(request)
        return FetchResult(answer, _read(batch, answer, clock()))
    key = keys.provider_response(batch.provider.id, batch.places[0].id)
    before = records.response_from_bytes(store.read([key]).get(key))
    answer = upstream.fetch(_conditional(request, before))
    if answer.status != _NOT_MODIFIED:
        said = _read(batch, answer, clock())
        validators = conditional_headers(answer.headers)
        kept = records.StoredResponse(answer.body, validators)
        return FetchResult(answer, said, {key: records.response_to_bytes(kept)} if validators else {})
    if before is None:
        raise UpstreamError(Cause.UNREADABLE, f"{batch.provider.id} answered 304 to a plain request")
    answer = replace(answer, body=before.body)
    try:
        return FetchResult(answer, _read(batch, answer, clock()))
    except UpstreamError:
        store.delete([key])  # the next request is to bring a body
        raise


def _conditional(request: Request, before: records.StoredResponse | None) -> Request:
    if before is None:
        return request
    return replace(request, headers={**request.headers, **before.validators})


def _read(batch: Batch, answer: Answer, now: datetime) -> list[ProviderForecast | None]:
    try:
        return batch.provider.parse(answer.body, batch.places, now)
    except UpstreamError as error:
        raise _with_clock(error, answer, now) from error
    except Exception as fault:  # a reader's mistake costs this answer, not the collector
        said = "%s: its answer could not be read, which is our fault\n%s"
        log.error(said, batch.provider.id, traceback_without_messages(fault))  # noqa: TRY400 - an exception's text may quote the answer
        raise UpstreamError(Cause.UNREADABLE, f"reading the answer failed: {type(fault).__name__}") from fault


def _with_clock(error: UpstreamError, answer: Answer, now: datetime) -> UpstreamError:
    """The same failure with word of which clock the answer's `Date` supports."""
    date = http_date(answer.headers.get("date"))
    if error.cause is not Cause.CLOCK or date is None:
        return error
    apart = abs(date - now)
    sides = "our clock" if apart < _CLOCKS_AGREE else f"another clock ({apart} from ours)"
    return UpstreamError(error.cause, f"{error.detail} Its Date supports {sides}.", status=answer.status)
