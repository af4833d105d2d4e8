"""What a long input would cost, told from two short ones: whatever is not linear shows in their ratio."""

from collections.abc import Callable
from math import log

SHORT, LONGER = 6_000, 24_000  # characters


def expected(cost: Callable[[int], float], length: int) -> float:
    """Return the seconds for an input of this length, by a power of the length.

    `cost` returns the seconds for a length. They may be too many where another process was in the way, so
    whatever they say is too slow is judged by the whole length.
    """
    short, longer = cost(SHORT), cost(LONGER)
    power = log(longer / short, LONGER / SHORT)
    return longer * (length / LONGER) ** max(power, 1.0)
