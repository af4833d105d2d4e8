"""What an answer was made of and how long it is true: whoever makes it says so, whoever keeps it reads it."""

from dataclasses import dataclass, field

IN_ENVIRON = "portal_widgets.provenance"  # where it lies in a WSGI environ


@dataclass(slots=True)
class Dependencies:
    """A slip that goes with one request and is written on by those who work at the answer.

    Attributes:
        items: keys among the store's writes; when one of them is written, the answer is of yesterday.
        true_for: seconds, from when the request came; None: nobody said so, and nobody may keep it.
        bridges: seconds beyond `true_for` in which it may stand in while the next one is being made.
        sure: False when the store could not be asked and memory spoke, or when something was missing that
            may come without a write.
    """

    items: set[str] = field(default_factory=set)
    true_for: float | None = None
    bridges: float = 0.0
    sure: bool = True
