"""Look at a portal and read what it offers: feeds, WordPress, listing pages; then articles of the best."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from service.articles.collect.document_reader import DocumentReader
from service.articles.discover import page_offers, quality, selector_proposals
from service.articles.discover.findings import Discovery, Finding
from service.articles.discover.page_offers import Link, PageOffers
from service.articles.discover.preview import ReadArticle, read_articles
from service.articles.discover.visit import TimelyRunner, Visit
from service.articles.listing_order import newest_first
from service.articles.model import ParsedEntry
from service.articles.sources.registry import parser_for
from service.articles.text import urls
from service.collector.sandbox import CpuUsage, LimitExceededError, Runner, SandboxError
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response, Upstream
from service.settings.model import ArticleSource, Selectors

_FOR_LISTINGS, _LISTING_SECONDS = 20, 35.0  # requests and time; the rest is for articles
_MAX_ALTERNATES, _MAX_LINKED, _MAX_NAMED, _MAX_USUAL, _MAX_GUESSED, _MAX_SECTIONS = 6, 4, 4, 7, 6, 3
_FEW = 3  # articles, from which selectors are proposed
_HALF = 0.5
_MAX_LINK_SELECTORS = 2
_PAGE = {"accept": "text/html, application/xml;q=0.9, */*;q=0.8"}
_LANGUAGE_FOLDER = re.compile(r"[a-z]{2}")

R = TypeVar("R")


class Discoverer:
    """Looks at one portal. Only `run` raises, and only where the portal's address itself cannot be read."""

    def __init__(
        self, upstream: Upstream, runner: Runner, visit: Visit, clock: Callable[[], datetime]
    ) -> None:
        """Send requests by `upstream`, whose client asks the visit for each, and parse with `runner`."""
        self._upstream, self._visit, self._clock = upstream, visit, clock
        self._runner = TimelyRunner(runner, visit)
        self._found = Discovery(clock())
        self._tried: set[str] = set()
        self._pages: list[Response] = []  # that may be listings

    def run(self, address: str) -> Discovery:
        """Return what the portal at this address offers; the best source has its first articles.

        Raises:
            UpstreamError: when the address cannot be read.
        """
        first = self.fetch(Request(address, headers=_PAGE))
        self._visit.settle()
        if not self._is_source(first, address):
            self._look_around(first)
        self._read_best()
        self._learn_name()
        return self._found

    def fetch(self, request: Request) -> Response:
        """Send a request; a portal that asks for a pause gets it."""
        try:
            return self._upstream.fetch(request)
        except UpstreamError as error:
            if error.cause is Cause.RATE_LIMITED:
                self._visit.stop()
            raise

    # The search

    def _is_source(self, response: Response, address: str) -> bool:
        """Return whether the address itself is a feed or a list of posts."""
        is_source = any(self._add(_source(kind, address), response) for kind in ("feed", "wordpress"))
        if not is_source:
            self._found.refused.clear()  # that a page is neither says nothing
        return is_source

    def _look_around(self, page: Response) -> None:
        """Try what the pages offer, then what their system usually has, until a source tells everything."""
        root = urljoin(page.url, "/")
        listed = self._look_at(page)
        if not self._found.has_whole() and page.url != root:
            front_page = self._page(root)
            if front_page is not None and not _is_good(listed):
                listed = self._look_at(front_page) or listed
            elif front_page is not None:
                self._try_offers(self._note(front_page))
        for link in [link for offered in self._found.offers for link in offered.feeds[:_MAX_LINKED]]:
            self._try_feeds([link.url], link.text)
        if not self._found.has_whole() and (page.url == root or not _is_good(listed)):
            listed = self._visit_sections() or listed
        module = _module(listed.entries if listed else ())
        for offered in self._found.offers:
            for folder in dict.fromkeys((_folder(offered.wordpress) if offered.wordpress else root, root)):
                self._try_feeds(list(page_offers.usual_feeds(offered, folder, module))[:_MAX_USUAL])
        if all(one.source.kind == "page" for one in self._found.findings):
            self._try_wordpress(f"{root}wp-json/")
            self._try_feeds(list(page_offers.guessed_feeds(root))[:_MAX_GUESSED])

    def _look_at(self, page: Response) -> Finding | None:
        """Read a page as a listing, and try the feeds that it offers; return the listing."""
        listed = self._add(_source("page", page.url), page)
        self._try_offers(self._note(page))
        return listed

    def _note(self, page: Response) -> PageOffers:
        self._pages.append(page)
        self._tried.add(_key("page", page.url))
        offers = self._offers(page)
        self._found.offers.append(offers)
        return offers

    def _offers(self, page: Response) -> PageOffers:
        try:
            return self._parse(page_offers.read_offers, page)
        except UpstreamError:
            return PageOffers(page.url)

    def _try_offers(self, offers: PageOffers) -> None:
        if offers.wordpress:
            self._try_wordpress(offers.wordpress)
            if self._found.has_whole():
                return
        alternates = sorted(offers.alternates, key=lambda link: quality.is_of_a_part(link.url))
        for link in alternates[:_MAX_ALTERNATES]:
            self._try("feed", _secure(link.url, offers.url), link.text)

    def _try_feeds(self, addresses: Iterable[str], label: str = "") -> None:
        for address in addresses:
            if not self._found.has_whole():
                self._try("feed", address, label)

    def _try_wordpress(self, interface: str) -> None:
        """Try the interface by its path, then by a parameter, which needs no rewriting of addresses."""
        site = _folder(interface)
        is_there = "rest_route=" not in interface and self._try("wordpress", site)
        if not is_there:
            self._try("wordpress", f"{site}?rest_route=/wp/v2/posts")

    def _visit_sections(self) -> Finding | None:
        """Read the pages that may list the news; return the first listing with dates."""
        for link in [link for offered in self._found.offers for link in offered.sections][:_MAX_SECTIONS]:
            page = self._page(link.url) if self._is_new("page", link.url) else None
            listed = self._look_at(page) if page is not None else None
            if self._found.has_whole() or _is_good(listed):
                return listed
        return None

    # Sources

    def _try(self, kind: str, url: str, label: str = "") -> bool:
        """Read a source that may be there. A page that comes instead of a feed may name feeds."""
        if not self._is_new(kind, url):
            return False
        response = self._response(_source(kind, url))
        if response is None:
            return False
        if self._add(_source(kind, url), response, label):
            return True
        offers = self._offers(response) if kind == "feed" else PageOffers(url)
        named = (*offers.alternates, *offers.feeds)[:_MAX_NAMED]
        return max(map(self._try_named, named), default=False)  # all of them: the first may not be the best

    def _try_named(self, link: Link) -> bool:
        source = _source("feed", link.url)
        response = self._response(source) if self._is_new("feed", link.url) else None
        return response is not None and self._add(source, response, link.text) is not None

    def _response(self, source: ArticleSource) -> Response | None:
        try:
            return self.fetch(parser_for(source).listing_request())
        except UpstreamError as error:
            self._found.refused.append((source.url, str(error)))
            return None

    def _page(self, url: str) -> Response | None:
        return self._response(_source("page", url)) if self._may_list() else None

    def _is_new(self, kind: str, url: str) -> bool:
        """Return whether to read a source now: it was not read yet, is on this host, and may be asked for."""
        if not self._visit.is_here(url):
            if kind == "feed" and url not in self._found.elsewhere:
                self._found.elsewhere.append(url)
            return False
        if _key(kind, url) in self._tried or not self._may_list():
            return False
        self._tried.add(_key(kind, url))
        return True

    def _may_list(self) -> bool:
        """Return whether another listing may be asked for, which leaves something for articles."""
        has_room = self._visit.requests < _FOR_LISTINGS and self._visit.seconds < _LISTING_SECONDS
        return has_room and not self._visit.is_over

    def _add(self, source: ArticleSource, response: Response, label: str = "") -> Finding | None:
        """Add the source, if this response is its listing."""
        try:
            source, entries = self._read_listing(source, response)
        except UpstreamError as error:
            self._found.refused.append((source.url, str(error)))
            return None
        if not entries or quality.are_comments(entries):
            reason = "It has comments, no articles." if entries else "It lists nothing."
            self._found.refused.append((source.url, reason))
            return None
        finding = Finding(source, entries, quality.judge(entries, self._visit.hosts), label)
        self._found.findings.append(finding)
        return finding

    def _read_listing(
        self, source: ArticleSource, response: Response
    ) -> tuple[ArticleSource, Sequence[ParsedEntry]]:
        """Return the entries, and the source with months before days where only that orders the dates."""
        entries = newest_first(self._reader(source).listing(response, self._clock()).entries)
        if source.kind == "wordpress" or _is_in_order(entries):
            return source, entries
        other = replace(source, date_order="mdy")
        others = newest_first(self._reader(other).listing(response, self._clock()).entries)
        return (other, others) if _is_in_order(others) else (source, entries)

    def _reader(self, source: ArticleSource) -> DocumentReader:
        reader = DocumentReader(parser_for(source), self._runner)
        reader.begin_round()
        return reader

    def _parse(self, function: Callable[..., R], *args: object) -> R:
        """Run a pure function on a document in the sandbox.

        Raises:
            UpstreamError: when that takes too much.
        """
        try:
            return self._runner.run(CpuUsage(), function, *args)
        except (LimitExceededError, SandboxError) as error:
            raise UpstreamError(Cause.TOO_COSTLY, f"it was given up: {error}") from error

    # Articles

    def _read_best(self) -> None:
        """Read articles of the best source; where that is not whole, also of the best of another kind."""
        self._read_first(self._found.ranked())
        best = next(iter(self._found.ranked()), None)
        if best is not None and not self._found.is_whole(best):
            self._read_first([one for one in self._found.ranked() if one.source.kind != best.source.kind])
            self._read_first(self._found.ranked())
        found = self._found.best()
        if found is None or (found.source.kind == "page" and found.quality.dated < _HALF):
            self._select_links()

    def _read_first(self, findings: Sequence[Finding]) -> None:
        if findings and not findings[0].articles:
            self._replace(findings[0], self._with_articles(findings[0]))

    def _with_articles(self, finding: Finding) -> Finding:
        parser, reader = parser_for(finding.source), self._reader(finding.source)
        articles = read_articles(parser, finding.entries, self, reader, self._clock)
        finding = self._judged(finding, articles)
        is_page = finding.source.kind == "page"
        return self._with_selectors(finding) if is_page and not finding.quality.has_all else finding

    def _judged(self, finding: Finding, articles: Sequence[ReadArticle]) -> Finding:
        """Return the finding judged by its articles; a text on their pages counts, though it is not shown.

        One whose page is gone has nothing.
        """
        whole = [
            ParsedEntry(one.entry.key, "") if one.is_gone else self._with_text(finding.source, one)
            for one in articles
        ]
        judged = quality.judge(whole, self._visit.hosts, len(finding.entries))
        judged = replace(judged, newest=finding.quality.newest or judged.newest)
        return replace(finding, articles=articles, quality=judged)

    def _with_text(self, source: ArticleSource, article: ReadArticle) -> ParsedEntry:
        return self._read_again(replace(source, full_text=True), article).entry

    def _read_again(self, source: ArticleSource, article: ReadArticle) -> ReadArticle:
        if article.page is None:
            return article
        try:
            entry = self._reader(source).page(article.page, article.listed, self._clock())
        except UpstreamError as error:
            return ReadArticle(article.listed, article.listed, article.page, error)
        return ReadArticle(article.listed, entry, article.page)

    def _learn_name(self) -> None:
        """Take the portal's name from its front page, or from the head of an article, if no page told it."""
        best = self._found.best()
        if best is not None and not self._found.offers:
            front_page = self._page(urljoin(best.source.url, "/"))
            self._found.offers += [self._offers(front_page)] if front_page is not None else []
        pages = [one.page for one in best.articles if one.page is not None] if best else []
        if pages and not any(page.site_name for page in self._found.offers):
            offers = self._offers(pages[0])
            self._found.offers.append(PageOffers(offers.url, site_name=offers.site_name))

    def _replace(self, finding: Finding, by: Finding) -> None:
        self._found.findings[self._found.findings.index(finding)] = by

    # Selectors

    def _with_selectors(self, finding: Finding) -> Finding:
        """Return the finding with selectors for what its articles lack, if those find it."""
        pages = [(one.page, one.listed) for one in finding.articles if one.page is not None][:_FEW]
        try:
            proposed = self._parse(selector_proposals.for_articles, pages, finding.source, self._clock())
        except UpstreamError:
            return finding
        lacks = {
            "title": any(one.error or not one.entry.title for one in finding.articles),
            "date": finding.quality.dated < 1,
            "body": finding.quality.with_text < 1,
        }
        best = finding
        for name in (name for name, is_lacking in lacks.items() if is_lacking and getattr(proposed, name)):
            selectors = replace(best.source.selectors, **{name: getattr(proposed, name)})
            source = replace(best.source, selectors=selectors)
            articles = [self._read_again(source, article) for article in finding.articles]
            changed = self._judged(replace(best, source=source), articles)
            best = changed if changed.quality.parts > best.quality.parts else best
        return best

    def _select_links(self) -> None:
        """Look for a selector with which a page is a list of articles."""
        for page in self._pages[:2]:
            source = _source("page", page.url)
            try:
                proposed = self._parse(selector_proposals.for_links, page, source)
            except UpstreamError:
                continue
            for selector in proposed[:_MAX_LINK_SELECTORS]:
                found = self._add(replace(source, selectors=Selectors(links=selector)), page)
                if found is not None:
                    judged = self._with_articles(found)
                    self._replace(found, judged)
                    if not judged.quality.is_usable or self._found.best() is not judged:
                        self._found.findings.remove(judged)


def _key(kind: str, url: str) -> str:
    return f"{kind} {urls.canonical_url(url)}"


def _is_good(listed: Finding | None) -> bool:
    """Return whether a page lists articles with dates, as a menu does not."""
    return listed is not None and listed.quality.dated >= _HALF


def _source(kind: str, url: str) -> ArticleSource:
    return ArticleSource(id="found", name="found", url=url, kind=kind)


def _secure(url: str, page: str) -> str:
    """Return the address on https, where the page is and names it on http."""
    is_plain = url.startswith("http://") and page.startswith("https://") and urlsplit(url).port is None
    return f"https://{url.removeprefix('http://')}" if is_plain else url


def _folder(interface: str) -> str:
    """Return the address of the WordPress site whose interface this is."""
    return interface.partition("wp-json")[0].partition("?")[0].partition("index.php")[0]


def _module(entries: Sequence[ParsedEntry]) -> str:
    """Return the first folder that most articles lie in, behind that of a language."""
    folders: list[str] = []
    for entry in entries:
        parts = [part for part in urlsplit(entry.url or "").path.split("/")[:-1] if part]
        depth = 2 if parts and _LANGUAGE_FOLDER.fullmatch(parts[0]) else 1
        folders.append("/".join(parts[:depth]))
    most = max(set(folders), key=folders.count, default="")
    return most if folders.count(most) > len(folders) * _HALF else ""


def _is_in_order(entries: Sequence[ParsedEntry]) -> bool:
    """Return whether every entry has a date, none newer than the one before."""
    dates = [entry.published.at.date() for entry in entries if entry.published]
    return len(dates) == len(entries) and dates == sorted(dates, reverse=True)
