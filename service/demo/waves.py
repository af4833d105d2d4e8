"""Chance without dice: smooth curves that look random and are the same each time they are drawn."""

import math
from functools import lru_cache
from zlib import crc32

_MASK = (1 << 64) - 1


@lru_cache(maxsize=1024)
def place_seed(latitude: float, longitude: float) -> int:
    """One number for all points within about ten kilometres."""
    return crc32(f"{latitude:.1f} {longitude:.1f}".encode())


def wave(seed: int, channel: int, hours: float, period: float) -> float:
    """A value from -1 to 1 that finds a new direction every `period` hours.

    Channels of one seed are strangers to each other.
    """
    turn = math.floor(hours / period)
    part = hours / period - turn
    rise = part * part * (3 - 2 * part)
    before, after = _knot(seed, channel, turn), _knot(seed, channel, turn + 1)
    return before + (after - before) * rise


@lru_cache(maxsize=8192)
def _knot(seed: int, channel: int, turn: int) -> float:
    """The curve's value at a turn: the finishing steps of the SplitMix64 generator."""
    z = (seed * 0x9E3779B97F4A7C15 + channel * 0xD1B54A32D192ED03 + turn * 0x8CB92BA72F3D8DD7) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) >> 11) / (1 << 52) - 1.0
