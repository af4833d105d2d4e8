"""Score what is read from the pages of eight portal systems, field by field.

`PYTHONPATH=.:tests python -m portal_systems.score [--faults] [SYSTEM ...] [FIELD ...]` prints it.
What all pages declare alike is left out, as the collector does.
"""

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from portal_systems import pages
from portal_systems.pages import Picture, Truth
from portal_systems.systems import SYSTEMS, System
from service.articles.collect.site_values import site_values, without_site_values
from service.articles.model import ArticleImage, ParsedEntry, StoredImage
from service.articles.sources.html_listing import HtmlListing
from service.articles.text import sanitise
from service.core.folding import fold, words
from service.core.ports import Response
from service.settings.model import ArticleSource, Selectors

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
FIELDS = (
    "listing", "title", "published", "lead", "author", "organisation",
    "image", "captions", "pictures", "text",
)  # fmt: skip
_SNIPPET = 200  # characters that at least are left of a lead that is cut
_FOREIGN_WORDS = 3  # in a text, such as a name of a document
_FOREIGN_SHARE = 0.04  # of a text's words


@dataclass(frozen=True)
class Fault:
    system: str
    number: int
    field: str
    true: object
    read: object


def faults(system: System, *, selectors: bool) -> Iterator[Fault]:
    """Yield every field of the system's articles that is not read right."""
    source = HtmlListing(
        ArticleSource(
            id=system.name,
            name=system.name,
            url=pages.listing_url(system),
            kind="page",
            full_text=True,
            selectors=system.selectors if selectors else Selectors(),
        )
    )
    listing = source.read_listing(_response(pages.listing_page(system), source.source.url), NOW)
    entries = {entry.url: entry for entry in listing.entries}
    completed = [
        source.read_page(
            _response(pages.article_page(system, number), truth.url),
            entries.get(truth.url) or ParsedEntry(key=truth.url, title="", url=truth.url),
            NOW,
        )
        for number, truth in enumerate(pages.truths(system))
    ]
    site = site_values(entry.declared for entry in completed if entry.declared)
    for number, truth in enumerate(pages.truths(system)):
        listed = entries.get(truth.url)
        if listed is None or not _is_listed_right(listed, truth):
            yield Fault(system.name, number, "listing", truth.title, listed)
        entry = without_site_values(completed[number], site)
        for field, (true, read) in _compare(entry, truth).items():
            if true != read:
                yield Fault(system.name, number, field, true, read)
    strangers = len(listing.entries) - sum(truth.url in entries for truth in pages.truths(system))
    if strangers:
        yield Fault(system.name, -1, "listing", 0, strangers)


def score(*, selectors: bool) -> Counter[str]:
    """Return how many of the 64 articles have each field right."""
    right = Counter(dict.fromkeys(FIELDS, len(SYSTEMS) * pages.ARTICLES))
    for system in SYSTEMS:
        right.subtract(fault.field for fault in faults(system, selectors=selectors))
    return right


def _response(markup: str, url: str) -> Response:
    return Response(200, {"content-type": "text/html; charset=utf-8"}, markup.encode(), url)


def _is_listed_right(entry: ParsedEntry, truth: Truth) -> bool:
    is_day = entry.published is None or entry.published.at.date() == truth.published.date()
    return entry.title == truth.title and is_day


def _compare(entry: ParsedEntry, truth: Truth) -> dict[str, tuple[object, object]]:
    """Return what is true and what was read, by field."""
    published = entry.published
    image = entry.images[0] if entry.images else None
    sanitised = sanitise.sanitise_html(entry.body_html or "", truth.url)
    captions = {one.url: one.caption for one in (*entry.images, *sanitised.images)}
    blocks = list(_blocks_of(sanitised))
    true_captions = {one.url: one.caption for one in (truth.image, *truth.pictures) if one}
    read_captions = {url: captions.get(url) for url in true_captions}
    stray = [block for block in blocks if any(_has(block, caption) for caption in true_captions.values())]
    order = [block.url if isinstance(block, Picture) else block for block in truth.blocks]
    in_text = [one.url for one in truth.pictures]
    read_in_text = [block for block in blocks if block.startswith("https:")]
    if truth.image and truth.image.url not in in_text and truth.image.url in read_in_text:
        read_in_text.remove(truth.image.url)  # above the text or in it
    return {
        "title": (truth.title, entry.title),
        "published": (
            (truth.published, truth.date_only),
            published and (published.at, published.date_only),
        ),
        "lead": (truth.lead, truth.lead if _is_lead(entry.lead, truth.lead) else entry.lead),
        "author": (truth.author, entry.author),
        "organisation": (truth.organisation, entry.organisation),
        "image": (truth.image and truth.image.url, _page_image(image and image.url)),
        "captions": ((true_captions, []), (read_captions, stray)),
        "pictures": (in_text, read_in_text),
        "text": ([], _text_faults(truth, blocks, sanitised.html) + _misplaced(order, blocks)),
    }


def _page_image(url: str | None) -> str | None:
    """Return None for a listing's thumbnail, which may stand in where the page has no picture."""
    return None if url is None or "/thumbs/" in url else url


def _is_lead(read: str, true: str) -> bool:
    cut = read.rstrip("….").strip()
    return read == true or (true.startswith(cut) and len(cut) >= min(_SNIPPET, len(true) - 1))


def _has(block: str, caption: str) -> bool:
    return bool(caption) and fold(caption) in fold(block) and not block.startswith("https:")


def _blocks_of(sanitised: sanitise.SanitisedHtml) -> Iterator[str]:
    """Yield the paragraphs and the pictures' addresses as readers see them, without captions."""
    stored = {
        image.url: ArticleImage((StoredImage("0", 600, 400),), alt=image.url) for image in sanitised.images
    }
    body = LexborHTMLParser(sanitised.with_images(stored)).body
    lines: list[str] = [""]
    for node in body.traverse(include_text=True) if body is not None else ():
        if node.is_text_node:
            lines[-1] += node.text_content or ""
        elif node.tag == "img":
            lines.extend([node.attributes.get("alt") or "", ""])
        elif node.tag in ("p", "br", "li", "td", "th", "tr", "h2", "h3", "h4", "blockquote", "figure"):
            lines.append("")
    texts = (unicodedata.normalize("NFC", " ".join(line.split())) for line in lines)
    yield from filter(None, texts)


def _text_faults(truth: Truth, blocks: list[str], html: str) -> list[str]:
    """Return what is missing of the text or foreign in it."""
    missing = [paragraph for paragraph in truth.paragraphs if paragraph not in blocks]
    if truth.document and f'href="{truth.document}"' not in html:
        missing.append(truth.document)
    signature = Counter(words(truth.signature))
    own = Counter(words(" ".join((truth.lead, *truth.paragraphs))))
    read = Counter(words(" ".join(block for block in blocks if not block.startswith("https:"))))
    foreign = read - own - signature
    allowed = max(_FOREIGN_WORDS, int(_FOREIGN_SHARE * own.total()))
    allowed += len(words(truth.document)) if truth.document else 0
    return missing + ([f"+ {' '.join(foreign.elements())}"] if foreign.total() > allowed else [])


def _misplaced(order: list[str], blocks: list[str]) -> list[str]:
    """Return the parts of the text that are in another order than the page's."""
    known = [block for block in blocks if block in order]
    true = [block for block in order if block in known]
    return [block for block, read in zip(true, known, strict=False) if block != read]


def main(arguments: list[str]) -> None:
    """Print the scores, and with `--faults` what is wrong."""
    chosen = [system for system in SYSTEMS if system.name in arguments] or SYSTEMS
    for selectors in (False, True):
        found = [fault for system in chosen for fault in faults(system, selectors=selectors)]
        counts = Counter(fault.field for fault in found)
        total = len(chosen) * pages.ARTICLES
        line = "  ".join(f"{field} {total - counts[field]}" for field in FIELDS)
        sys.stdout.write(f"{'with' if selectors else 'without'} selectors, of {total}: {line}\n")
        wanted = {argument for argument in arguments if argument in FIELDS} or set(FIELDS)
        for fault in found if "--faults" in arguments else ():
            if fault.field in wanted:
                sys.stdout.write(f"  {fault.system} {fault.number} {fault.field}:\n")
                sys.stdout.write(f"    true {fault.true}\n    read {fault.read}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
