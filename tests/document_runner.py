"""A child process that parses hostile documents; the kernel ends it when one takes too long.

It prints a JSON line before each document, and one with the result.
"""

import json
import math
import resource
import sys
from time import thread_time

from hostile_documents import documents
from source_answers import NOW, an_entry, answer, source_of

from service.articles.collect.dedupe import article_id, content_hash_of
from service.articles.model import ParsedEntry
from service.articles.sources.registry import parser_for
from service.core.errors import UpstreamError

LENGTH = 1_000_000
SECONDS = 5  # of CPU for a document


def main(names: list[str]) -> None:
    """Parse these documents in this order."""
    known = documents()
    for name in names:
        kind, make = known[name]
        body = make(LENGTH)
        data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        _say({"document": name, "length": len(data)})
        _allow()
        before = thread_time()
        became = _read(kind, data)
        _say({"became": became, "seconds": round(thread_time() - before, 2)})
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


def _allow() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = math.ceil(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1:])
