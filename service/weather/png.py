"""Draw our own SVG pictures as PNG, for mail and for systems that refuse SVG.

resvg takes some 30 ms of CPU for one and holds the interpreter's lock meanwhile. So a worker draws one at a
time while a few requests wait, in the long run at most `_A_SECOND`, and remembers the last ones: many URLs
have the same picture.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock, Semaphore

from service.weather.text_width import drawable

_FONTS = Path(__file__).parent / "fonts"
_FONT_FILES = [str(_FONTS / f"NotoSans-{weight}.ttf") for weight in ("Regular", "Bold")]
_FAMILY = "Noto Sans"
_SCALE = 2
_IN_MEMORY = 32  # pictures, of 20 kB each
_AT_ONCE = 400  # may be drawn after a time of rest: every built-in place in two languages
_A_SECOND = 8
_REQUESTS = 6  # at a time, as a browser makes them; a worker's other threads are left for pages


class TooManyPictures(Exception):  # noqa: N818 - named for what happened, as the others are
    """More pictures were asked for than a worker draws without delaying everything else."""


class PngDrawer:
    """Draws pictures. Thread-safe; the library and the fonts are loaded when the first one is asked for."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Count by this clock how many may be drawn."""
        self._clock = clock
        self._lock, self._requests = Lock(), Semaphore(_REQUESTS)
        self._left, self._counted_at = float(_AT_ONCE), clock()
        self._drawn = lru_cache(_IN_MEMORY)(self._draw)

    def draw(self, svg: str) -> bytes:
        """Return the picture as PNG at twice its size; what the fonts lack is drawn as a box.

        Raises:
            TooManyPictures: when too many others were drawn lately, or are waiting to be.
        """
        if not self._requests.acquire(blocking=False):
            raise TooManyPictures
        try:
            with self._lock:
                return self._drawn(svg)
        finally:
            self._requests.release()

    def _draw(self, svg: str) -> bytes:
        self._count()
        from resvg_py import svg_to_bytes  # noqa: PLC0415 - most workers are never asked for a PNG

        return svg_to_bytes(
            svg_string=drawable(svg),
            zoom=_SCALE,
            skip_system_fonts=True,
            font_files=_FONT_FILES,
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
        )

    def _count(self) -> None:
        now = self._clock()
        passed = max((now - self._counted_at).total_seconds(), 0.0)  # the clock may be set back
        self._left, self._counted_at = min(self._left + passed * _A_SECOND, _AT_ONCE), now
        if self._left < 1:
            raise TooManyPictures
        self._left -= 1
