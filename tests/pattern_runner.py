"""A child process that runs patterns over their hardest texts; the kernel ends it when one takes too long.

It prints a JSON line before each step (`pattern`, `shape`) and at its end (`done`). Its arguments are the
names of the patterns, or `--these` and the source of patterns.
"""

import json
import math
import re
import resource
import sys
from time import thread_time
from typing import Any

from pattern_finder import Found, patterns
from pattern_texts import hardest

LENGTH = 1_000_000
SECONDS = 2  # of CPU for a text, and for those of `--these`, which are known to be slow, one
_SCREENED = 2_000  # characters at which all shapes of a pattern are compared
_SECONDS_TO_SCREEN = 5
_FULL = 2  # of the shapes that are run in full


def main(arguments: list[str]) -> None:
    """Run these patterns in this order."""
    if arguments[0] == "--these":
        chosen = [Found(written, re.compile(written), (), ("finditer",)) for written in arguments[1:]]
        seconds, to_screen = 1, 1
    else:
        known = {one.name: one for one in patterns()}
        chosen = [known[name] for name in arguments]
        seconds, to_screen = SECONDS, _SECONDS_TO_SCREEN
    for one in chosen:
        for method in one.methods:
            _run(one, method, seconds, to_screen)
    _say({"done": True})


def _run(found: Found, method: str, seconds: int, to_screen: int) -> None:
    run = getattr(found.pattern, method)

    def cost(text: Any) -> float:
        before = thread_time()
        result = run(text)
        if method == "finditer":
            for _ in result:
                pass
        return thread_time() - before

    _say({"pattern": found.name, "method": method})
    _allow(to_screen)
    for shape in hardest(found.pattern, cost, _SCREENED, _FULL):
        text: Any = shape.of_length(LENGTH)
        if isinstance(found.pattern.pattern, bytes):
            text = text.encode("utf-8", "surrogatepass")
        _say({"shape": {part: value[:60] for part, value in vars(shape).items()}})
        _allow(seconds)
        cost(text)


def _allow(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1:])
