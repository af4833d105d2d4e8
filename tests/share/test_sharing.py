"""What one host collects, all have; and only one collects."""

import logging
from dataclasses import replace

import pytest
from stored_articles import article
from stored_weather import CURRENT
from valkey_hosts import HASH, MINUTE, NEWS, NOW, SOURCE, WEBP, Group

from service.articles.model import SourceState
from service.articles.store import records as article_records
from service.weather import records
from service.weather.quota import ProviderQuota


def test_one_host_collects_and_the_others_follow(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    first.step()
    second.step()
    assert (first.role, second.role) == ("HOLDER", "FOLLOWER")


def test_weather_is_on_every_host_as_soon_as_it_is_on_one(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    first.step()
    second.step()
    first.keep_weather("hue")
    first.step()
    second.step()
    assert second.temperature("hue") == CURRENT.temperature
    ours, theirs = (host.store.read(host.store.keys("outlook/")) for host in (first, second))
    assert ours == theirs


def test_a_new_host_takes_what_was_there_before_it(group: Group) -> None:
    first = group.host("a")
    first.step()
    first.keep_weather("hue")
    first.articles.save_image(HASH, WEBP)
    first.articles.save([NEWS])
    first.step()
    late = group.host("late")
    late.step()
    assert late.temperature("hue") == CURRENT.temperature
    assert late.articles.get([NEWS.id]) == [NEWS]
    assert late.articles.image(HASH) == WEBP


def test_articles_travel_with_their_pictures_and_go_when_they_go(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    first.step()
    second.step()
    first.articles.save_image(HASH, WEBP)
    first.articles.save([NEWS])
    first.step()
    second.step()
    assert second.articles.get([NEWS.id]) == [NEWS]
    assert second.articles.image(HASH) == WEBP
    first.articles.drop([NEWS.id])
    first.step()
    second.step()
    assert second.articles.get([NEWS.id]) == []
    assert second.articles.images() == set()


def test_an_article_without_its_lost_picture_comes_without_it(group: Group) -> None:
    first = group.host("a")
    first.step()
    first.articles.save([NEWS])
    first.step()
    second = group.host("b")
    second.step()
    assert second.articles.get([NEWS.id]) == [replace(NEWS, image=None)]


def test_quotas_and_the_states_of_sources_travel(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    first.step()
    second.step()
    quota = ProviderQuota().spend(42, NOW)
    state = article_records.state_to_bytes(SourceState(NOW, due=NOW + 15 * MINUTE))
    written = {
        records.quota_key("open-meteo"): records.quota_to_bytes(quota),
        article_records.source_key(SOURCE): state,
    }
    first.store.write(written)
    first.step()
    second.step()
    assert second.store.read(list(written)) == written


def test_what_was_taken_down_on_any_host_is_gone_everywhere_and_does_not_return(group: Group) -> None:
    hosts = [group.host(name) for name in "abc"]
    for host in hosts:
        host.step()
    hosts[0].articles.save([NEWS])
    for host in hosts:
        host.step(2)
    hosts[1].articles.take_down([NEWS.id], everywhere=True)
    for _ in range(2):
        for host in hosts:
            host.step()
    hosts[0].articles.save([NEWS])  # the source still lists it
    for host in (*hosts, *hosts, group.host("late")):
        host.step()
        assert host.articles.get([NEWS.id]) == []
        assert host.articles.taken_down([NEWS.id]) == {NEWS.id}


def test_the_places_that_readers_of_any_host_ask_for_are_in_use_for_the_holder(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    second.store.write({records.demand_key("hue"): records.instant_to_bytes(NOW - 2 * MINUTE)})
    first.step()
    second.step()
    first.step(12)
    key = records.demand_key("hue")
    assert records.instant_from_bytes(first.store.read([key]).get(key)) == NOW - 2 * MINUTE


def test_a_store_that_was_replaced_gets_everything_again(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    first.step()
    first.keep_weather("hue")
    first.articles.save([replace(NEWS, image=None)])
    first.step()
    second.step()
    second.articles.take_down([NEWS.id])
    second.step()
    first.step()
    second.store.set_aside()
    second.step(2)
    assert second.temperature("hue") == CURRENT.temperature
    first.store.set_aside()
    first.step(2)
    second.step()
    for host in (first, second):
        assert host.temperature("hue") == CURRENT.temperature
        host.articles.save([replace(NEWS, image=None)])
        assert host.articles.get([NEWS.id]) == []


def test_a_narrowed_source_keeps_as_many_shown_articles_as_on_the_host_that_collects(group: Group) -> None:
    file = group.folder / "portal-widgets.toml"
    file.write_text(
        f'[articles]\nkeep = 2\n[[articles.source]]\nid = "{SOURCE}"\nname = "Tin"\nexclude = ["bóng"]\n'
        'url = "https://portal.example.gov.vn/rss.xml"\n',
        "utf-8",
    )
    first, second = (group.host(name, config=str(file)) for name in "ab")
    news = [
        article(
            f"{number:016x}", minutes=number, source=SOURCE, title=f"Tin {'bóng' if number > 2 else 'mới'}"
        )
        for number in range(1, 5)
    ]
    first.step()
    first.articles.save(news[::-1])
    first.step()
    second.step()
    assert second.articles.ids() == {one.id for one in news}


def test_groups_on_one_valkey_stay_apart(group: Group) -> None:
    other = Group(group.server, group.folder)
    first, foreign = group.host("a"), other.host("b")
    first.step()
    foreign.step()
    assert (first.role, foreign.role) == ("HOLDER", "HOLDER")
    first.keep_weather("hue")
    first.step()
    foreign.step()
    assert foreign.temperature("hue") is None


def test_the_newest_weather_wins_whichever_host_fetched_it(group: Group) -> None:
    first, second = group.host("a"), group.host("b")
    second.keep_weather("hue", replace(CURRENT, temperature=31.0), NOW - MINUTE)
    second.keep_weather("vinh", replace(CURRENT, temperature=31.0), NOW - 3 * MINUTE)
    first.keep_weather("hue", replace(CURRENT, temperature=20.0), NOW - 2 * MINUTE)
    first.keep_weather("vinh", replace(CURRENT, temperature=20.0), NOW - 2 * MINUTE)
    first.step()
    second.step()
    assert (second.temperature("hue"), second.temperature("vinh")) == (31.0, 20.0)


def test_configurations_that_differ_are_told(group: Group, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    first, second = group.host("a"), group.host("b", weather__cities="hue,vinh")
    first.step()
    second.step()
    first.step(12)
    assert "the configurations differ" in caplog.text
    assert "another configuration: places" in caplog.text


def test_places_that_a_host_does_not_have_are_left_out(group: Group) -> None:
    first, second = group.host("a"), group.host("b", weather__cities="hue,vinh")
    first.step()
    first.keep_weather("ha-noi")
    first.keep_weather("hue")
    first.step()
    second.step()
    assert second.store.keys("current/") == ["current/hue"]
