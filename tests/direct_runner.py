"""Reads documents in the tests' own process, where nothing has to be limited."""

from collections.abc import Callable
from typing import TypeVar

from service.collector.sandbox import CpuUsage

R = TypeVar("R")


class DirectRunner:
    """Implements `Runner` by calling the function."""

    def run(self, usage: CpuUsage, function: Callable[..., R], *args: object) -> R:
        usage.add(0.0)
        return function(*args)
