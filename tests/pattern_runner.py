"""Runs patterns over their hardest texts in a child process, which the kernel ends when one takes too long.

The child prints a JSON line before each step (`pattern`, `shape`) and at its end (`done`). Its arguments are
the names of the patterns, or `--these` and the source of patterns; `--whole` before them lets it run texts of
a million characters also where shorter ones were quick.
"""

import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from time import thread_time
from typing import Any

from growth import expected
from pattern_finder import Found, patterns
from pattern_texts import hardest

LENGTH = 1_000_000
SECONDS = 2.0  # of CPU for a text, and for those of `--these`, which are known to be slow, less
_SCREENED = 500  # characters at which all shapes of a pattern are compared
_SECONDS_TO_SCREEN = 5.0
_LONGEST = 2  # of the shapes that are run at greater lengths


def slow_patterns(names: Sequence[str], *options: str) -> dict[str, str]:
    """Return the patterns that the kernel ended for their CPU time, and the texts that they searched."""
    slow: dict[str, str] = {}
    left = list(names)
    while left:
        child = subprocess.run(
            [sys.executable, __file__, *options, *left], stdout=subprocess.PIPE, text=True, check=False
        )
        events = [json.loads(line) for line in child.stdout.splitlines()]
        begun = [one["pattern"] for one in events if "pattern" in one]
        assert begun, "the child could not begin"
        if "done" in events[-1]:
            break
        slow[begun[-1]] = str(events[-1])
        left = left[left.index(begun[-1]) + 1 :]
    return slow


def main(arguments: list[str]) -> None:
    """Run these patterns in this order."""
    seconds, to_screen, whole = SECONDS, _SECONDS_TO_SCREEN, arguments[0] == "--whole"
    arguments = arguments[whole:]
    if arguments[0] == "--these":
        chosen = [Found(written, re.compile(written), (), ("finditer",)) for written in arguments[1:]]
        seconds = to_screen = 0.3
    else:
        known = {one.name: one for one in patterns()}
        chosen = [known[name] for name in arguments]
    for one in chosen:
        for method in one.methods:
            _run(one, method, seconds, to_screen, whole=whole)
    _say({"done": True})


def _run(found: Found, method: str, seconds: float, to_screen: float, *, whole: bool) -> None:
    run = getattr(found.pattern, method)
    coded = isinstance(found.pattern.pattern, bytes)

    def cost(text: Any) -> float:
        before = thread_time()
        result = run(text)
        if method == "finditer":
            for _ in result:
                pass
        return thread_time() - before

    _say({"pattern": found.name, "method": method})
    _allow(to_screen)
    for shape in hardest(found.pattern, cost, _SCREENED, _LONGEST):
        _say({"shape": {part: value[:60] for part, value in vars(shape).items()}})

        def cost_of_length(length: int, make: Any = shape.of_length) -> float:
            text = make(length)
            _allow(seconds)
            return cost(text.encode("utf-8", "surrogatepass") if coded else text)

        if whole or expected(cost_of_length, LENGTH) > seconds:
            cost_of_length(LENGTH)


def _allow(seconds: float) -> None:
    """From now on the kernel ends the process once it has used so many seconds of CPU."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1:])
