"""What a long input would cost, told from two short ones: whatever is not linear shows in their ratio."""

from collections.abc import Callable
from math import log

SHORT, LONGER = 6_000, 24_000  # characters


def expected(cost: Callable[[int], float], length: int, allowed: float) -> float:
    """Return the seconds for an input of this length, by a power of the length.

    `cost` returns the seconds for a length. Where they are more than allowed it is asked once more, since
    another process may have been in the way of the first time.
    """
    seconds = _expected(short := cost(SHORT), longer := cost(LONGER), length)
    if seconds > allowed:
        seconds = _expected(min(short, cost(SHORT)), min(longer, cost(LONGER)), length)
    return seconds


def _expected(short: float, longer: float, length: int) -> float:
    power = log(longer / short, LONGER / SHORT)
    return longer * (length / LONGER) ** max(power, 1.0)
