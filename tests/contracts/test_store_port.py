"""Every implementation of the Store port keeps to it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.ports import Store
from service.storage.fallback import StaleOnErrorStore
from service.storage.store import SqliteStore

Make = Callable[[Path], Store]
IMPLEMENTATIONS: dict[str, Make] = {
    "sqlite": SqliteStore,
    "remembering": lambda path: StaleOnErrorStore(SqliteStore(path)),
}


@pytest.fixture(params=list(IMPLEMENTATIONS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return IMPLEMENTATIONS[request.param](tmp_path / "store.sqlite3")


def test_what_was_kept_is_read_and_what_was_not_is_left_out(store: Store) -> None:
    store.write({"a": b"1", "b": b"", "đông-hà": bytes(range(256))})
    assert store.read(["a", "b", "c", "đông-hà"]) == {"a": b"1", "b": b"", "đông-hà": bytes(range(256))}
    assert store.read([]) == {}


def test_the_last_record_kept_under_a_key_counts(store: Store) -> None:
    store.write({"a": b"1"})
    assert store.read(["a"]) == {"a": b"1"}
    store.write({"a": b"2"})
    assert store.read(["a"]) == {"a": b"2"}


def test_what_is_forgotten_is_gone_and_counts_as_a_write(store: Store) -> None:
    store.write({"a": b"1", "b": b"2"})
    before = store.last_write()
    store.delete(["a", "never there"])
    assert store.read(["a", "b"]) == {"b": b"2"}
    assert store.keys("") == ["b"]
    assert store.last_write() > before
    assert "a" in store.written_since(before)
    assert "b" not in store.written_since(before)


def test_keys_are_found_by_their_beginning_and_sorted(store: Store) -> None:
    store.write(dict.fromkeys(["asked/hue", "asked/an-khe", "asket", "asked", "current/hue", "asked%"], b"x"))
    assert store.keys("asked/") == ["asked/an-khe", "asked/hue"]
    assert store.keys("asked") == ["asked", "asked%", "asked/an-khe", "asked/hue"]
    assert len(store.keys("")) == 6


def test_the_number_of_the_last_write_grows_and_tells_what_changed(store: Store) -> None:
    assert store.last_write() == 0
    store.write({"a": b"1", "b": b"1"})
    first = store.last_write()
    store.write({"b": b"2"})
    assert store.last_write() > first > 0
    assert store.written_since(0) == ["a", "b"]
    assert store.written_since(first) == ["b"]
    assert store.written_since(store.last_write()) == []


def test_keeping_the_same_again_is_a_write_too(store: Store) -> None:
    store.write({"a": b"1"})
    before = store.last_write()
    store.write({"a": b"1"})
    assert store.written_since(before) == ["a"]


def test_hundreds_of_keys_are_read_at_once(store: Store) -> None:
    many = {f"key/{number}": str(number).encode() for number in range(1_300)}
    store.write(many)
    assert store.read(list(many)) == many
    assert len(store.keys("key/")) == 1_300


def test_keeping_and_forgetting_nothing_is_no_write(store: Store) -> None:
    store.write({})
    store.delete([])
    assert store.last_write() == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.dictionaries(st.sampled_from("abcde"), st.binary(max_size=20), max_size=3),
            st.lists(st.sampled_from("abcde"), max_size=3),
        ),
        max_size=8,
    )
)
def test_a_store_is_a_dictionary_with_a_diary(
    store: Store, steps: list[dict[str, bytes] | list[str]]
) -> None:
    store.delete(list("abcde"))
    model: dict[str, bytes] = {}
    for step in steps:
        before = store.last_write()
        if isinstance(step, dict):
            store.write(step)
            model |= step
        else:
            store.delete(step)
            model = {key: value for key, value in model.items() if key not in step}
        assert store.written_since(before) == sorted(set(step))
        assert store.read(list("abcde")) == model
        assert store.keys("") == sorted(model)
