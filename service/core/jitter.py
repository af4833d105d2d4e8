"""Jitter that spreads requests over time, without randomness that tests could not repeat."""

from datetime import datetime
from hashlib import blake2b


def random_fraction(seed: datetime) -> float:
    """Return a pseudo-random number from 0 to 1, the same for the same time."""
    return int.from_bytes(blake2b(seed.isoformat().encode(), digest_size=4).digest()) / 0xFFFFFFFF
