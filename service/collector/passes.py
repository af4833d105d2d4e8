"""What one pass over what is due came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pass:
    """How many were asked, and how many of them failed."""

    asked: int = 0
    failed: int = 0
