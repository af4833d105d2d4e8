"""Only one host collects at a time, whatever is paused, emptied or restarted."""

from dataclasses import replace

import pytest
from stored_weather import CURRENT
from valkey_hosts import MINUTE, NOW, BootClock, Group, SharingHost, a_valkey, address

from service.share import scripts
from service.share.connection import Connection, ShareError
from service.share.lease import LENGTH, Lease
from service.share.publisher import LeaseLostError, Publisher


def a_pair(group: Group) -> tuple[SharingHost, SharingHost]:
    first, second = group.host("a"), group.host("b")
    first.step()
    second.step()
    return first, second


def test_the_next_host_takes_over_when_the_holder_is_not_heard_of(group: Group) -> None:
    first, second = a_pair(group)
    first.keep_weather("hue")
    first.step()
    group.free_lease()
    second.step(2)
    assert second.role == "HOLDER"
    first.step()
    assert first.role == "FOLLOWER"


def test_a_holder_that_ends_leaves_the_lease_at_once(group: Group) -> None:
    first, second = a_pair(group)
    first.part.close()
    second.step()
    assert (first.role, second.role) == ("FOLLOWER", "HOLDER")


def test_a_holder_that_was_paused_past_its_lease_forbids_fetching_before_it_does_anything(
    group: Group,
) -> None:
    first, second = a_pair(group)
    permission = first.permission()
    assert permission.lasts()
    first.boot.now += LENGTH  # it is suspended, and nothing of it runs
    assert not permission.lasts()
    group.free_lease()
    second.step()
    first.step()
    assert (first.role, second.role) == ("FOLLOWER", "HOLDER")
    first.step(2)
    assert not permission.lasts()


def test_a_permit_of_another_role_ends_collectors_that_began_before(group: Group) -> None:
    first, second = a_pair(group)
    permission = first.permission()
    first.step(5)
    assert permission.lasts()
    group.free_lease()
    second.step()
    first.step()
    second.part.close()
    first.step()
    assert first.role == "HOLDER"
    assert not permission.lasts()
    assert second.permission().lasts() is False


def test_what_a_former_holder_still_publishes_is_refused(group: Group) -> None:
    first, second = a_pair(group)
    connection = Connection(first.settings.store.share)  # type: ignore[arg-type] # it is configured
    clock = BootClock()
    lease = Lease(connection, 0, clock)
    lease.token = group.client.get(group.key("lease")).decode()
    lease.ends = clock.now + LENGTH
    former = Publisher(first.store, [], connection, lease, "former")
    former._send("weather", [("current/hue", b"%020d 0123456789abcdef {}\n" % 1)])  # noqa: SLF001 - what it would send
    group.free_lease()
    second.step()
    with pytest.raises(LeaseLostError):
        former._send("weather", [("current/hue", b"%020d 0123456789abcdef {}\n" % 2)])  # noqa: SLF001 - likewise
    assert int(group.client.hget(group.key("weather"), "current/hue")[:20]) == 1


def test_a_valkey_that_was_emptied_never_gives_out_an_old_epoch_and_gets_everything_again(
    group: Group,
) -> None:
    first, second = a_pair(group)
    first.keep_weather("hue")
    first.step()
    second.step()
    epoch = int(group.client.get(group.key("lease")).split(b":")[0])
    for key in group.client.scan_iter(f"{group.key('')}*"):
        group.client.delete(key)
    second.step()  # the other one is the first to come
    assert int(group.client.get(group.key("lease")).split(b":")[0]) > epoch
    first.step(2)
    assert (first.role, second.role) == ("FOLLOWER", "HOLDER")
    assert second.temperature("hue") == CURRENT.temperature
    late = group.host("late")
    late.step()
    assert late.temperature("hue") == CURRENT.temperature


def test_a_host_remembers_the_highest_epoch_over_its_restarts(group: Group) -> None:
    first = group.host("a")
    group.client.set(group.key("epoch"), 41)
    first.step()
    assert group.client.get(group.key("lease")).startswith(b"42:")
    group.client.delete(group.key("lease"), group.key("epoch"))
    first.started()
    first.step()
    assert group.client.get(group.key("lease")).startswith(b"43:")


def test_a_time_far_ahead_does_not_keep_newer_weather_out_for_ever(group: Group) -> None:
    first, second = a_pair(group)
    first.keep_weather("hue", replace(CURRENT, temperature=1.0), NOW + 100 * 365 * 1440 * MINUTE)
    first.step()
    second.step()
    assert second.temperature("hue") is None
    first.keep_weather("hue")
    first.step()
    second.step()
    assert second.temperature("hue") == CURRENT.temperature


def test_scripts_need_no_command_that_redis_6_2_lacks() -> None:
    used = {"GET", "SET", "PEXPIRE", "DEL", "TIME", "HGET", "HSET", "HDEL", "XADD", "SADD"}
    texts = [text for name, text in vars(scripts).items() if name.isupper()]
    called = {part.split("'")[0] for text in texts for part in text.split("redis.call('")[1:]}
    assert called <= used


def test_a_valkey_that_cannot_be_reached_is_a_share_error(group: Group) -> None:
    with a_valkey() as server:
        share = address(server)
    host = SharingHost(group.folder, share)
    connection = Connection(host.settings.store.share)  # type: ignore[arg-type] # it is configured
    with pytest.raises(ShareError, match="cannot be reached"):
        connection.now()
