"""For those who run it: alive, ready, and what robots may read."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from service.domain.failures import StoreError
from service.domain.freshness import State, judge
from service.domain.weather import Aspect
from service.store import keys, records
from service.web.answers import answer, json_answer
from service.web.house import House
from service.web.icon import FAVICON
from service.web.validity import NO_STORE, for_long

_DAY = timedelta(days=1)


def ops(house: House) -> Blueprint:
    """The routes for probes and robots."""
    routes = Blueprint("ops", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return json_answer({"status": "ok"}, NO_STORE)

    @routes.get("/readyz")
    def readyz() -> Response:
        return json_answer({"status": "ready", **_readiness(house)}, NO_STORE)

    @routes.get("/robots.txt")
    def robots() -> Response:
        prefix = house.prefix
        text = f"User-agent: *\nDisallow: {prefix}/api/\nDisallow: {prefix}/go/\n"
        return answer(text, "text/plain; charset=utf-8", for_long(_DAY))

    @routes.get("/favicon.ico")
    def favicon() -> Response:
        return answer(FAVICON, "image/svg+xml; charset=utf-8", for_long(_DAY))

    return routes


def _readiness(house: House) -> dict[str, Any]:
    """What can be told; a store that fails does not make the worker unready, for it answers from memory."""
    ids = [place.id for place in house.catalogue]
    now, counts = house.clock(), dict.fromkeys((state.value for state in State), 0)
    try:
        found = house.store.read([keys.weather(Aspect.CURRENT, place) for place in ids])
    except StoreError as error:
        return {"store": {"state": "failed", "detail": str(error)}, "weather": None}
    for place in ids:
        kept = records.current_from_bytes(found.get(keys.weather(Aspect.CURRENT, place)))
        fetched_at = kept.fetched_at if kept else None
        counts[judge(fetched_at, now, house.settings.weather.ladder).state.value] += 1
    return {"store": {"state": "ok"}, "weather": counts}
