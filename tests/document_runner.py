"""Parses hostile documents in a child process, which the kernel ends when one takes too long.

The child prints a JSON line before each document, and one with the result. Its arguments are the names of the
documents; `--whole` before them lets it parse a megabyte of each also where less of it was quick.
"""

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from time import thread_time

from growth import expected
from hostile_documents import Make, documents
from source_answers import NOW, an_entry, answer, source_of

from service.articles.collect.dedupe import article_id, content_hash_of
from service.articles.model import ParsedEntry
from service.articles.sources.registry import parser_for
from service.core.errors import UpstreamError

LENGTH = 1_000_000
SECONDS = 5.0  # of CPU for a document


def unparsed(names: Sequence[str], *options: str) -> dict[str, str]:
    """Return those of the documents that ended the child process, and how."""
    failed: dict[str, str] = {}
    left = list(names)
    while left:
        child = subprocess.run(
            [sys.executable, __file__, *options, *left], capture_output=True, text=True, check=False
        )
        events = [json.loads(line) for line in child.stdout.splitlines()]
        begun = [one["document"] for one in events if "document" in one]
        assert begun, child.stderr
        if "done" in events[-1]:
            break
        failed[begun[-1]] = child.stderr or f"ended by signal {-child.returncode}"
        left = left[left.index(begun[-1]) + 1 :]
    return failed


def main(arguments: list[str]) -> None:
    """Parse these documents in this order."""
    known = documents()
    whole = arguments[0] == "--whole"
    for name in arguments[whole:]:
        kind, make = known[name]

        def cost_of_length(length: int, name: str = name, kind: str = kind, make: Make = make) -> float:
            body = make(length)
            data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
            _say({"document": name, "length": len(data)})
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            before = thread_time()
            became = _read(kind, data)
            seconds = thread_time() - before
            _say({"became": became, "seconds": round(seconds, 2)})
            return seconds

        # Short documents take milliseconds, in which another process may have been in the way: look again.
        if whole or all(expected(cost_of_length, LENGTH) > SECONDS for _ in range(3)):
            cost_of_length(LENGTH)
    _say({"done": True})


def _read(kind: str, body: bytes) -> str:
    reader = parser_for(source_of("page" if kind == "article" else kind))
    try:
        if kind == "article":
            _keep(reader.read_page(answer(body, "text/html"), an_entry(), NOW))
            return "an article"
        listing = reader.read_listing(answer(body, "text/html" if kind == "page" else "application/xml"), NOW)
    except UpstreamError as refusal:
        return refusal.detail
    for entry in listing.entries:
        _keep(entry)
    return f"{len(listing.entries)} articles"


def _keep(entry: ParsedEntry) -> None:
    article_id("x", entry.key)
    content_hash_of(entry)


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1:])
