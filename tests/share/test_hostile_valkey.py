"""What comes from Valkey is checked like anything from outside."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_articles import article
from stored_weather import CURRENT
from valkey_hosts import HASH, NEWS, NOW, SOURCE, WEBP, Group, SharingHost

from service.articles.store import records as article_records
from service.share.kinds import micros
from service.share.messages import LIMITS, Item, MessageError, from_bytes, to_bytes
from service.weather import records
from service.weather.model import StoredWeather

TOKEN = "9:feedfeedfeedfeed"
PICTURE = f'<img src="/images/{HASH}.webp" width="480" height="320" alt="" loading="lazy">'
SPOT = {"latitude": 16.4637, "longitude": 107.5909}


def put(group: Group, item: Item, message: bytes | None = None) -> None:
    """Write a message as somebody with the password can."""
    group.client.hset(group.key(item.kind), item.key, message or to_bytes(item, TOKEN))


def current(**values: Any) -> Item:
    stored = StoredWeather(replace(CURRENT, **values), "open-meteo", NOW, NOW)
    return Item("weather", "current/hue", micros(NOW), records.current_to_bytes(stored), SPOT)


def news(**values: Any) -> Item:
    written = replace(NEWS, **{"image": None, **values})
    body = article_records.article_to_bytes(written)
    return Item("articles", written.id, micros(written.changed_at), body, {"source": SOURCE})


@pytest.fixture
def host(group: Group) -> SharingHost:
    """A host that follows one that nobody sees."""
    group.client.set(group.key("lease"), TOKEN)
    return group.host("a")


def test_a_number_that_nature_does_not_allow_is_unknown(group: Group, host: SharingHost) -> None:
    put(group, current(temperature=1e9, humidity=79.0))
    host.step()
    key = "current/hue"
    stored = records.current_from_bytes(host.store.read([key])[key])
    assert stored is not None
    assert (stored.value.temperature, stored.value.humidity) == (None, 79.0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda message: message[:-1],
        lambda message: message[:30],
        lambda message: message.replace(b"27.1", b"57.1"),
        lambda _: b"",
        lambda _: b"\n",
        lambda message: message.replace(b'"v":1', b'"v":2'),
        lambda message: message.replace(b'"v":1', b'"v":"x"'),
        lambda message: message.replace(b"current/hue", b"current/hoi"),
        lambda message: message[:38] + b"[" * 5_000 + b"\n" + message.partition(b"\n")[2],
    ],
)
def test_a_damaged_message_is_not_taken(
    group: Group, host: SharingHost, damage: Callable[[bytes], bytes]
) -> None:
    item = current()
    group.client.hset(group.key("weather"), item.key, damage(to_bytes(item, TOKEN)))
    host.step(2)
    assert host.temperature("hue") is None
    assert host.role == "FOLLOWER"


def test_a_body_that_unpacks_to_too_much_is_not_taken() -> None:
    item = Item("weather", "current/hue", 1, b"0" * (LIMITS["weather"] + 1))
    with pytest.raises(MessageError, match="more than"):
        from_bytes(to_bytes(item, TOKEN), item.kind, item.key)


def test_weather_of_another_spot_or_of_a_time_to_come_is_not_taken(group: Group, host: SharingHost) -> None:
    put(group, replace(current(), about={"latitude": 21.0, "longitude": 105.8}))
    host.step()
    assert host.temperature("hue") is None
    later = StoredWeather(CURRENT, "open-meteo", NOW, NOW + timedelta(hours=2))
    ahead = Item("weather", "current/vinh", micros(later.fetched_at), records.current_to_bytes(later), SPOT)
    put(group, ahead)
    host.part = host.started()
    host.step()
    assert host.temperature("vinh") is None


def test_html_is_cleaned_again_and_addresses_are_web_addresses(group: Group, host: SharingHost) -> None:
    hostile = (
        '<p onclick="x()">Chữ <a href="javascript:x()">đây</a></p><script>x()</script>'
        f'<iframe src="//e"></iframe><img src="https://e.example/t.gif"><figure>{PICTURE}</figure>'
        "<style>p{}</style>"
    )
    put(
        group,
        news(body_html=hostile, url="javascript:x()", title="Tin\u202e\x00 mới", fetch_url="file:///etc"),
    )
    put(group, Item("pictures", HASH, 0, WEBP))
    host.step()
    (taken,) = host.articles.get([NEWS.id])
    assert taken.body_html is not None
    for part in ("script", "onclick", "iframe", "style", "e.example", "javascript"):
        assert part not in taken.body_html
    assert (
        f'<img src="/images/{HASH}.webp" width="480" height="320" alt="" loading="lazy">' in taken.body_html
    )
    assert (taken.url, taken.fetch_url, taken.title) == (None, None, "Tin mới")


def test_what_our_own_cleaning_makes_passes_as_it_is(group: Group, host: SharingHost) -> None:
    html = (
        "<h2>Tiêu đề</h2><p>A &amp; B &lt; C,"
        ' <a href="https://x.example/?a=1&amp;b=2" rel="nofollow noopener">x</a></p>'
        '<ul><li><strong>1</strong></li></ul><table><tbody><tr><td colspan="2">y</td></tr></tbody></table>'
        f"<figure>{PICTURE}<figcaption>Cầu</figcaption></figure>"
    )
    put(group, Item("pictures", HASH, 0, WEBP))
    put(group, news(body_html=html))
    host.step()
    assert host.articles.get([NEWS.id])[0].body_html == html


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "../../etc/passwd"},
        {"id": "fedcba9876543210"},
        {"source": "unknown"},
        {"changed_at": NOW + timedelta(days=9)},
    ],
)
def test_an_article_that_is_not_what_it_is_called_is_not_taken(
    group: Group, host: SharingHost, changed: dict[str, Any]
) -> None:
    written = article_records.article_to_bytes(replace(NEWS, image=None, **changed))
    put(group, Item("articles", NEWS.id, micros(NEWS.changed_at), written))
    host.step()
    assert host.articles.ids() == set()


@pytest.mark.parametrize("body", [b"GIF89a" + bytes(30), WEBP + b"x", b""])
def test_a_picture_that_is_not_what_it_is_called_is_not_taken(
    group: Group, host: SharingHost, body: bytes
) -> None:
    put(group, Item("pictures", HASH, 0, body))
    put(group, news(image=NEWS.image))
    host.step()
    assert host.articles.images() == set()
    assert host.articles.get([NEWS.id])[0].image is None


def test_records_of_sources_that_cannot_be_read_are_not_taken(group: Group, host: SharingHost) -> None:
    for key in (f"source/{SOURCE}", f"listing/{SOURCE}", "source/unknown", f"evil/{SOURCE}"):
        put(group, Item("sources", key, 0, b"{"))
    host.step()
    assert host.store.keys("source/") == []
    assert host.store.keys("listing/") == []


@pytest.mark.parametrize(
    "member", ["", "x", "[]", '["a"]', '["a", 1]', '["", "b"]', "[" * 9_000, json.dumps(["a", "b" * 9_000])]
)
def test_a_takedown_that_cannot_be_read_takes_nothing_down(
    group: Group, host: SharingHost, member: str
) -> None:
    host.articles.save([article("a", source=SOURCE)])
    group.client.sadd(group.key("takedowns"), member)
    host.step()
    assert host.articles.takedowns() == []


def test_heartbeats_and_demand_that_cannot_be_read_are_left_out(group: Group, host: SharingHost) -> None:
    for text in (b"", b"{", b"[]", b'{"name": 1}', b'{"name":"x","version":"1","role":"r","seen":"x","v":1}'):
        name = f"h{len(text)}"
        group.client.set(group.key(f"hosts:{name}"), text)
        group.client.zadd(group.key("hosts"), {name: 1e12})
        group.client.hset(group.key(f"used:{name}"), mapping={"hue": "x", "nowhere": "1"})
    host.step(2)
    group.client.delete(group.key("lease"))
    host.step(20)
    assert host.role == "HOLDER"


@given(kind=st.sampled_from(sorted(LIMITS)), key=st.text(max_size=40), body=st.binary(max_size=2_000))
def test_every_item_is_read_as_it_was_written(kind: str, key: str, body: bytes) -> None:
    item = Item(kind, key, 17, body, {"source": key})
    if "\ud800" <= max(key, default="") <= "\udfff":
        return
    assert from_bytes(to_bytes(item, TOKEN), kind, key) == item


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_bytes_there_are_they_are_a_message_or_refused(head: bytes, body: bytes) -> None:
    try:
        from_bytes(b"0" * 20 + b" " + b"0" * 16 + b" " + head + b"\n" + body, "weather", "current/hue")
    except MessageError:
        return
    raise AssertionError("its checksum cannot be right")
