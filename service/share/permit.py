"""The permit: whether the collectors of this host may fetch now, in a small file beside the store.

The process that speaks with Valkey writes it; the collectors look at it before each request. It ends by
itself, by the clock of the lease, so that a process that hangs or dies permits nothing any more.
"""

import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from zlib import crc32

_FORM = struct.Struct("<BIId")  # role, number, hosts, end
_ATTEMPTS = 5
_RETRY = timedelta(seconds=0.5)


def boot_time() -> float:
    """Return the seconds since the machine was started, suspended times included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Role(IntEnum):
    """What this host does: follow another one, collect for all, or for itself while Valkey is away."""

    FOLLOWER = 0
    HOLDER = 1
    ALONE = 2


@dataclass(frozen=True, slots=True)
class Permit:
    """What the file says.

    Attributes:
        number: changes whenever collectors have to begin anew, with other records and budgets.
        hosts: how many share the providers' budgets; 1 unless this host is alone.
        ends: by the clock of the lease.
    """

    role: Role = Role.FOLLOWER
    number: int = 0
    hosts: int = 1
    ends: float = 0.0

    def allows(self, now: float) -> bool:
        """Return whether collectors may fetch at this time."""
        return self.role is not Role.FOLLOWER and now < self.ends


class PermitFile:
    """The file; safe for one writer and many readers."""

    def __init__(self, store: Path, clock: Callable[[], float] = boot_time) -> None:
        """Use the file that belongs to this store."""
        self.path, self._clock = store.with_name(f"{store.name}.permit"), clock

    def write(self, permit: Permit) -> None:
        """Replace what the file says.

        Raises:
            OSError: when it cannot be written.
        """
        packed = _FORM.pack(permit.role, permit.number, permit.hosts, permit.ends)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, packed + struct.pack("<I", crc32(packed)), 0)
        finally:
            os.close(descriptor)

    def read(self) -> Permit:
        """Return what the file says; nothing is permitted without a readable one."""
        for _ in range(_ATTEMPTS):  # it may be read while it is written
            try:
                read = self.path.read_bytes()
            except OSError:
                break
            packed, check = read[: _FORM.size], read[_FORM.size :]
            if check == struct.pack("<I", crc32(packed)) and len(packed) == _FORM.size:
                role, number, hosts, ends = _FORM.unpack(packed)
                known = role if role in set(Role) else Role.FOLLOWER
                return Permit(Role(known), number, hosts, ends)
        return Permit()

    def allowed(self) -> Permit | None:
        """Return the permit, if it allows collectors to fetch now."""
        permit = self.read()
        return permit if permit.allows(self._clock()) else None


class Permission:
    """The permit under which the collector of this process began."""

    def __init__(self, file: PermitFile) -> None:
        """Begin under none yet."""
        self._file = file
        self._begun: Permit | None = None

    def begin(self, wait: Callable[[timedelta], bool]) -> Permit:
        """Wait until fetching is permitted; `wait` returns whether this process is to end instead."""
        while (permit := self._file.allowed()) is None and not wait(_RETRY):
            pass
        self._begun = permit or Permit()
        return self._begun

    def lasts(self) -> bool:
        """Return whether a collector that has begun may go on."""
        if self._begun is None:
            return True
        permit = self._file.allowed()
        return permit is not None and permit.number == self._begun.number
