"""The lease: which host collects. Its token fences everything that the holder publishes.

A token is the epoch and a random id of the holder. Each taking has a higher epoch than every one that Valkey
or this host has seen, so that a Valkey which was restarted empty never gives out an old one again. How long
a lease is still held is judged by a clock that goes on while this machine is suspended.
"""

from collections.abc import Callable
from secrets import token_hex

from service.share import scripts
from service.share.connection import Connection
from service.share.permit import boot_time

LENGTH = 15.0  # seconds
_MARGIN = 1.0  # seconds: so much earlier than Valkey takes this host for gone, it does so itself
_KEYS = ("lease", "epoch")


class Lease:
    """The lease as this process sees it."""

    def __init__(
        self, connection: Connection, highest_epoch: int, clock: Callable[[], float] = boot_time
    ) -> None:
        """Make a lease that nobody holds yet, as far as is known.

        `highest_epoch` is the highest that this host has ever seen.
        """
        self._connection, self._clock = connection, clock
        self._id = token_hex(8)
        self.highest_epoch = highest_epoch
        self.token = ""  # while it is ours
        self.seen = ""  # the token of whoever holds it
        self.ends = 0.0  # by the clock

    def is_held(self) -> bool:
        """Return whether this process holds the lease now."""
        return bool(self.token) and self._clock() < self.ends

    def keep(self) -> bool:
        """Renew the lease, or take it when it is free; return whether it is ours.

        Raises:
            ShareError: when Valkey cannot be used; what is held ends by itself.
        """
        begun = self._clock()
        if self.token and begun < self.ends and self._renew():
            self.ends = begun + LENGTH - _MARGIN
            return True
        self.token = ""
        arguments: list[str | bytes | int] = [self._id, self.highest_epoch, int(LENGTH * 1000)]
        is_taken, token = self._connection.run(scripts.TAKE_LEASE, _KEYS, arguments)
        self.seen = token.decode(errors="replace")
        epoch = self.seen.partition(":")[0]
        if epoch.isdecimal():
            self.highest_epoch = max(self.highest_epoch, int(epoch))
        if is_taken:
            self.token, self.ends = self.seen, begun + LENGTH - _MARGIN
        return bool(is_taken)

    def _renew(self) -> bool:
        return bool(self._connection.run(scripts.RENEW_LEASE, ["lease"], [self.token, int(LENGTH * 1000)]))

    def lost(self) -> None:
        """Note that the lease is another's."""
        self.token = ""

    def release(self) -> None:
        """Leave the lease to the next host at once.

        Raises:
            ShareError: when Valkey cannot be used; then the next one waits until it ends.
        """
        if self.token:
            token, self.token = self.token, ""
            self._connection.run(scripts.RELEASE_LEASE, ["lease"], [token])
