"""What a view asks for: the forecasts of places, judged now, from the store alone."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from service.domain.failures import StoreError
from service.domain.forecast import Forecast, assemble
from service.domain.freshness import Ladder
from service.domain.places import Place
from service.domain.ports import Store
from service.domain.weather import Aspect
from service.store import keys, records


class WeatherReader:
    """Reads forecasts, and remembers which places were asked for until that is written down."""

    def __init__(self, store: Store, ladder: Ladder, clock: Callable[[], datetime]) -> None:
        """Read from this store."""
        self._store, self._ladder, self.clock = store, ladder, clock
        self._asked: set[str] = set()
        self._lock = threading.Lock()

    def forecasts(self, places: Sequence[Place], now: datetime) -> list[Forecast]:
        """In the order of the places. A place that the failing store cannot tell of is unavailable."""
        with self._lock:
            self._asked.update(place.id for place in places)
        wanted = [keys.weather(aspect, place.id) for aspect in Aspect for place in places]
        try:
            found = self._store.read(wanted)
        except StoreError:
            found = {}
        return [self._forecast(place, found, now) for place in places]

    def _forecast(self, place: Place, found: dict[str, bytes], now: datetime) -> Forecast:
        current = records.current_from_bytes(found.get(keys.weather(Aspect.CURRENT, place.id)))
        outlook = records.outlook_from_bytes(found.get(keys.weather(Aspect.OUTLOOK, place.id)))
        return assemble(place, current, outlook, now, self._ladder)

    def write_down(self) -> None:
        """Leave in the store which places were asked for since the last time; kept for later if it fails."""
        with self._lock:
            asked, self._asked = self._asked, set()
        record = records.instant_to_bytes(self.clock())
        try:
            self._store.keep({keys.asked(place): record for place in asked})
        except StoreError:
            with self._lock:
                self._asked |= asked

    def diary(self, stop: threading.Event) -> None:
        """Write down what was asked for, once a minute, until `stop` is set."""
        while not stop.wait(_A_MINUTE):
            self.write_down()
        self.write_down()


_A_MINUTE = 60.0
