"""The process that shares: holds or follows the lease, and permits the collectors of this host to fetch.

A host follows, holds the lease and collects for all, or is alone while Valkey is away, and then collects for
itself with its share of the budgets. Readers notice none of this: they read this host's store.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from service.core.errors import StoreError
from service.places.catalogue import Catalogue
from service.share.budgets import Budgets
from service.share.connection import Connection, ShareError
from service.share.follower import Follower
from service.share.hosts import Host, Hosts, differences
from service.share.lease import LENGTH, Lease
from service.share.permit import Permit, PermitFile, Role, boot_time
from service.share.publisher import LeaseLostError, Publisher
from service.share.state import STATE_KEY, HostSeen, ShareState, state_to_bytes
from service.share.takedowns import Takedowns
from service.storage.store import SqliteStore

EPOCH_KEY = "share/epoch"  # in the store: the highest that was seen
_BEAT_EVERY, _RETRY_EVERY = 2.0, 1.0  # seconds
_SLOWLY_EVERY = 30.0  # seconds: demand, pictures without an article, the server's own state
_ALONE_AFTER = 2 * LENGTH  # seconds without Valkey
_PAUSE = 12.0  # seconds: more than a request may take

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Times:
    """When things were last done, by the clock of the lease."""

    contact: float
    beat: float = 0.0
    slow: float = 0.0


class SharePart:
    """Implements the `Part` port of the collecting half's loop."""

    shortest_wait = timedelta(seconds=0.05)

    def __init__(  # noqa: PLR0913 - one argument for each dependency
        self,
        *,
        store: SqliteStore,
        connection: Connection,
        lease: Lease,
        publisher: Publisher,
        follower: Follower,
        takedowns: Takedowns,
        hosts: Hosts,
        budgets: Budgets,
        permits: PermitFile,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
        boot_clock: Callable[[], float] = boot_time,
        patience: float = 0.5,
    ) -> None:
        """Do nothing yet; the parts were made for one connection.

        `patience` is for how many seconds a step waits for what others publish.
        """
        self._store, self._connection, self._lease = store, connection, lease
        self._publisher, self._follower, self._takedowns = publisher, follower, takedowns
        self._hosts, self._budgets, self._permits, self._catalogue = hosts, budgets, permits, catalogue
        self._clock, self._now = clock, boot_clock
        self._times = _Times(contact=boot_clock())
        self._permit = replace(permits.read(), role=Role.FOLLOWER, ends=0.0)
        self._seen: list[Host] = []
        self._run, self._trouble, self._warning = "", "", ""
        self._wait, self._patience = timedelta(0), patience
        self._rests_until = 0.0
        self._origin: int | None = None
        self._may_have_been_alone = True
        self._told: ShareState | None = None
        self._told_at = 0.0
        self._differences: list[str] = []

    def wake_at(self) -> datetime:
        return self._clock() + self._wait

    def step(self) -> None:
        """Do what is due: beat, publish or follow, and permit or forbid fetching.

        Raises:
            StoreError: when the store cannot be used.
        """
        try:
            self._wait = timedelta(0)
            self._begin_anew_in_a_new_file()
            self.keep_alive()
            if self._lease.is_held():
                self._hold()
            else:
                self._follow()
            self._do_slowly()
        except ShareError as error:
            self._in_trouble(str(error))
        except LeaseLostError:
            log.warning("share: another host has taken the lease")
            self._lease.lost()
        except StoreError:
            self._permit_role(Role.FOLLOWER)
            raise
        except OSError as error:  # of the permit's file
            raise StoreError(f"{self._permits.path} cannot be written: {error.strerror}") from error
        self._save_state()

    def _begin_anew_in_a_new_file(self) -> None:
        """Read everything again where the store's file was replaced: by a backup, or as it was damaged."""
        origin = self._store.origin()
        if origin == self._origin:
            return
        if self._origin is not None:
            log.warning("share: the store is another file; everything is offered and read again")
            for part in (self._publisher, self._follower, self._takedowns):
                part.begin()
            if self._permit.role is Role.HOLDER:
                self._permit_role(Role.FOLLOWER)  # until what lies in Valkey is here again
        self._store.write({EPOCH_KEY: str(self._lease.highest_epoch).encode()})
        self._origin = origin

    def close(self) -> None:
        """Leave the lease to another host at once."""
        try:
            self._permit_role(Role.FOLLOWER)
            self._lease.release()
        except (ShareError, OSError):
            log.info("share: the lease ends by itself")

    def keep_alive(self) -> None:
        """Renew the lease and show that this host goes on, when that is due; safe to call often.

        Raises:
            ShareError: when Valkey cannot be used.
        """
        begun = self._now()
        if begun - self._times.beat < _BEAT_EVERY:
            return
        before = self._lease.highest_epoch
        is_held = self._lease.keep()
        if self._lease.highest_epoch != before:
            self._store.write({EPOCH_KEY: str(self._lease.highest_epoch).encode()})
        self._check_server()
        self._seen = self._hosts.beat(Role.HOLDER if is_held else Role.FOLLOWER)
        self._budgets.remember_hosts(len(self._seen))
        self._times.beat = self._times.contact = begun
        self._out_of_trouble()
        if is_held and self._permit.role is Role.HOLDER:
            self._permit_role(Role.HOLDER)
        elif not is_held:
            self._permit_role(Role.FOLLOWER)

    def _check_server(self) -> None:
        """Begin anew where Valkey has been started anew: it may have lost anything."""
        server = self._connection.server()
        if server.run != self._run:
            if self._run:
                log.warning("share: Valkey was started anew; everything is offered and read again")
            self._run = server.run
            for part in (self._publisher, self._follower, self._takedowns):
                part.begin()
        self._warning = ""
        if server.policy != "noeviction":
            self._warning = (
                f"maxmemory-policy is {server.policy}, and must be noeviction: records may get lost"
            )

    def _hold(self) -> None:
        """Publish what was collected here; at first take what the last holder left."""
        if self._permit.role is not Role.HOLDER:
            if not self._is_at_rest():
                self._follower.follow(wait=self._patience, fenced=False)
                return
            while self._follower.follow():
                pass
            self._takedowns.send()
            self._budgets.settle()
            self._publisher.begin()
            self._permit_role(Role.HOLDER)
            log.info("share: this host collects for all (epoch %s)", self._lease.token.partition(":")[0])
        self._takedowns.send()
        self._follower.follow(fenced=False)
        if not self._publisher.publish():
            self._wait = timedelta(seconds=0.2)

    def _follow(self) -> None:
        """Take what the holder publishes."""
        is_at_rest = self._is_at_rest()
        self._takedowns.send()
        self._follower.follow(wait=self._patience, fenced=is_at_rest)

    def _is_at_rest(self) -> bool:
        """Return whether the collectors of this host have ended; tell then what they have spent alone."""
        if self._permit.role is Role.ALONE:
            log.info("share: Valkey is back")
            self._rest()
        if self._now() < self._rests_until:
            return False
        if self._may_have_been_alone:
            self._budgets.end_alone(self._hosts.id)
            self._follower.begin()
            self._may_have_been_alone = False
        return True

    def _rest(self) -> None:
        """Forbid fetching for so long that every request under way has ended."""
        self._permit_role(Role.FOLLOWER)
        self._rests_until = self._now() + _PAUSE

    def _do_slowly(self) -> None:
        if self._now() - self._times.slow < _SLOWLY_EVERY:
            return
        self._times.slow = self._now()
        self._hosts.send_demand()
        if self._lease.is_held():
            self._hosts.take_demand(self._seen, self._catalogue.get)
            self._publisher.sweep_pictures()
            if self._budgets.has_unsettled():  # another host has come back later than this one
                self._rest()
        found = differences(self._seen, self._hosts.id)
        for line in found:
            if line not in self._differences:
                log.warning("share: the configurations differ: %s", line)
        self._differences = found

    # Trouble

    def _in_trouble(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("share: Valkey %s; this host goes on with what it has", trouble)
            self._trouble = trouble
        self._connection.close()
        self._times.beat = 0.0
        self._wait = timedelta(seconds=_RETRY_EVERY)
        now = self._now()
        if self._permit.role is Role.ALONE or now - self._times.contact >= _ALONE_AFTER:
            self._go_on_alone()
        elif self._permit.role is Role.HOLDER and not self._lease.is_held():
            self._permit_role(Role.FOLLOWER)

    def _go_on_alone(self) -> None:
        if self._permit.role is not Role.ALONE:
            hosts = self._budgets.known_hosts()
            log.warning(
                "share: Valkey is away for %d s; this host collects for itself, with 1/%d of the budgets",
                self._now() - self._times.contact, hosts,
            )  # fmt: skip
            self._budgets.begin_alone(hosts)
            self._may_have_been_alone = True
            try:
                self._lease.release()
            except ShareError:
                self._lease.lost()
        self._permit_role(Role.ALONE)

    def _out_of_trouble(self) -> None:
        if self._trouble:
            log.info("share: Valkey can be used again")
            self._trouble = ""

    # Permit and state

    def _permit_role(self, role: Role) -> None:
        """Permit fetching in this role; a change of it makes the collectors begin anew."""
        before = self._permit
        number = before.number + (role is not before.role)
        hosts = self._budgets.hosts if role is Role.ALONE else 1
        ends = {
            Role.HOLDER: self._lease.ends,
            Role.ALONE: self._now() + LENGTH,
            Role.FOLLOWER: 0.0,
        }[role]
        permit = Permit(role, number % 2**32, hosts, ends)
        if permit != before:
            self._permits.write(permit)
            self._permit = permit

    def _save_state(self) -> None:
        """Keep for the status page and the metrics how things stand, when that has changed, or is old."""
        now = self._now()
        state = ShareState(
            role=self._permit.role.name.lower(),
            trouble=self._trouble or self._warning,
            lag=round(self._follower.lag, 1),
            hosts=tuple(_seen(host, self._hosts.id) for host in self._seen),
            differences=tuple(self._differences),
            at=None,
        )
        if self._told is not None and _is_like(state, self._told) and now - self._told_at < _SLOWLY_EVERY / 3:
            return
        self._told, self._told_at = state, now
        self._store.write({STATE_KEY: state_to_bytes(replace(state, at=self._clock()))})


def _seen(host: Host, own: str) -> HostSeen:
    return HostSeen(
        host.id,
        host.name,
        host.version,
        host.role,
        datetime.fromtimestamp(host.seen, UTC),
        is_this=host.id == own,
    )


def _is_like(state: ShareState, told: ShareState) -> bool:
    """Return whether nothing has changed but times."""

    def lasting(one: ShareState) -> ShareState:
        return replace(one, lag=0.0, hosts=tuple(replace(host, seen=None) for host in one.hosts))

    return lasting(state) == lasting(told)
