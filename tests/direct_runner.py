"""Reads documents in the tests' own process, where nothing has to be limited."""

from collections.abc import Callable
from typing import TypeVar

from service.collector.sandbox import CpuAccount

R = TypeVar("R")


class DirectRunner:
    """Implements `Runner` by calling the function."""

    def run(self, account: CpuAccount, function: Callable[..., R], *args: object) -> R:
        account.charge(0.0)
        return function(*args)
