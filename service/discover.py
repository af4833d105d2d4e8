"""`portal-widgets discover`: look at a portal, and print the best of what it offers as a source to paste.

Everything printed is TOML, the prose in comments, so that the output as a whole may end a configuration.
"""

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from service.articles.discover.findings import Discovery, Finding
from service.articles.discover.page_offers import portal_name
from service.articles.discover.portal import Discoverer
from service.articles.discover.preview import lines_of, missing_of
from service.articles.discover.quality import are_vietnamese
from service.articles.discover.visit import REQUEST_SECONDS, Visit
from service.bootstrap import utc_now
from service.bootstrap_collect import make_http_client
from service.collector.sandbox import Limits, Runner, Sandbox
from service.core.errors import UpstreamError
from service.core.ports import Upstream
from service.core.progress import Progress
from service.core.secrets import loggable_url
from service.http_client.address_policy import AddressPolicy
from service.settings.load import feed_tables
from service.settings.model import ArticleSource, Settings

_DOCUMENT_LIMITS = Limits(wall_seconds=int(REQUEST_SECONDS))
_MAX_REFUSED = 20


def discover(address: str, settings: Settings, echo: Callable[[str], None], progress: Progress) -> bool:
    """Look at the portal at this address, with or without a scheme, and print what was found.

    Its host may be a private one, since somebody typed it.
    """
    addresses = [address] if "://" in address else [f"https://{address}", f"http://{address}"]
    visit = Visit(addresses[0])
    host = urlsplit(addresses[0]).hostname or ""
    with ExitStack() as resources:
        client = resources.enter_context(
            make_http_client(
                settings,
                visit.permit,
                allow_private=(*settings.upstream.allow_private, host),
                deadline=timedelta(seconds=REQUEST_SECONDS),
            )
        )
        sandbox = resources.enter_context(Sandbox(_DOCUMENT_LIMITS))
        with progress.lasting(f"looking at {loggable_url(address)}", lambda: f"requests: {visit.requests}"):
            found = look_at(addresses, client, sandbox, visit)
    for line in report(found, addresses[0], visit, settings):
        echo(line)
    return found.best() is not None


def look_at(
    addresses: Sequence[str],
    upstream: Upstream,
    runner: Runner,
    visit: Visit,
    clock: Callable[[], datetime] = utc_now,
) -> Discovery:
    """Return what is at the first of these addresses that can be read."""
    refused = []
    for address in addresses:
        try:
            return Discoverer(upstream, runner, visit, clock).run(address)
        except UpstreamError as error:
            refused.append((address, str(error)))
    return Discovery(clock(), refused=refused)


def report(found: Discovery, address: str, visit: Visit, settings: Settings) -> Iterator[str]:
    """Yield the lines to print: the source as a table, everything else as comments."""
    best = found.best()
    yield f"# {loggable_url(address)}: {visit.requests} requests in {visit.seconds:.1f} s"
    for finding in found.ranked():
        yield f"#   {'*' if finding is best else ' '} {_summary(finding)}"
    if found.elsewhere:
        yield f"# On other hosts, and not read: {', '.join(map(loggable_url, found.elsewhere))}"
    if best is None:
        yield "# Nothing was found that can be read as articles."
        yield from (f"#   {loggable_url(url)}: {reason}" for url, reason in found.refused[:_MAX_REFUSED])
        return
    source = _named(best, found, settings)
    yield ""
    yield from table_of(source)
    yield ""
    yield f"# The first {len(best.articles)} of its {best.quality.count} articles:"
    yield from (f"#   {line}" for line in lines_of(best.articles, source.timezone))
    if visit.was_stopped:
        yield "# The portal asked for a pause (429), and was asked no more."
    missing = missing_of(best.articles)
    if best.source.kind == "page" and best.quality.with_text < 1:
        without = round((1 - best.quality.with_text) * len(best.articles))
        missing.append(f"text in {without} of {len(best.articles)}")
    yield f"# Missing: {', '.join(missing) or 'nothing'}."
    yield from (f"# {remark}" for remark in _remarks(source, settings))


def table_of(source: ArticleSource) -> Iterator[str]:
    """Yield a source as the lines of its `[[articles.source]]`, without what is the default anyway."""
    usual = ArticleSource(id="", name="", url="")
    yield "[[articles.source]]"
    for key in ("id", "kind", "name", "url", "language", "timezone"):
        yield f"{key} = {_string(getattr(source, key))}"
    if source.date_order != usual.date_order:
        yield f"date_order = {_string(source.date_order)}"
    yield "# full_text = true  # if the owner allows whole articles to be shown here"
    for key, selector in asdict(source.selectors).items():
        if selector:
            yield f"{key} = {_string(selector)}"


def _string(text: str) -> str:
    """Return the text as a string of TOML, whose escapes are those of JSON and one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _summary(finding: Finding) -> str:
    quality, source = finding.quality, finding.source
    parts = {
        "dates": quality.dated, "leads": quality.with_lead, "pictures": quality.with_picture,
        "authors": quality.signed,
    }  # fmt: skip
    has = ", ".join(f"{name} {share:.0%}" for name, share in parts.items())
    newest = f", newest {quality.newest:%Y-%m-%d}" if quality.newest else ""
    return f"{source.kind:9} {loggable_url(source.url)}: {quality.count} articles{newest}; {has}"


def _named(finding: Finding, found: Discovery, settings: Settings) -> ArticleSource:
    """Return the source with an id that is still free, and with name and language of the portal."""
    url = finding.source.url.replace("'", "%27")
    taken = [source.id for source in settings.articles.source]
    (table,) = feed_tables([url], taken)
    name = "".join(letter if letter.isprintable() else " " for letter in portal_name(found.offers)).strip()
    is_vietnamese = are_vietnamese(finding.entries)
    claimed = next((page.language.lower() for page in found.offers if page.language), "")
    return ArticleSource(
        id=table["id"],
        name=name or table["name"],
        url=url,
        kind=finding.source.kind,
        language="vi" if is_vietnamese or not claimed else claimed.partition("-")[0],
        date_order=finding.source.date_order,
        selectors=finding.source.selectors,
    )


def _remarks(source: ArticleSource, settings: Settings) -> Iterator[str]:
    """Yield what the block alone does not do."""
    if not settings.upstream.proxy and not _may_collect(source.url, settings.upstream.allow_private):
        host = urlsplit(source.url).hostname
        yield f'The collector asks this host only with [upstream] allow_private = ["{host}"].'
    if source.language != "vi":
        yield "The time zone is a guess: it counts for dates that name none."


def _may_collect(url: str, allow_private: Sequence[str]) -> bool:
    """Return whether the collector would connect to this address as it is configured."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        AddressPolicy.allowing(allow_private).permitted(host, port, [str(one[4][0]) for one in known])
    except (OSError, UpstreamError):
        return False
    return True
