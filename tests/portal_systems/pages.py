"""Listing and article pages of eight portal systems, with what is true of every article.

The eight articles of a system differ alike: a picture with its caption (0), a picture amid the text (1), a
notice of two sentences (2), nothing but a document (3), a gallery (4), a text within many elements (5), one
that nobody has signed (6), a lead longer than a snippet (7).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from portal_systems.systems import SYSTEMS, System
from service.core.folding import fold

FOLDER = Path(__file__).parent
ARTICLES = 8  # of each system
NOTICE, DOCUMENT, GALLERY, NESTED, UNSIGNED, LONG_LEAD = range(2, ARTICLES)

_SECTION = re.compile(r"<!-- section: (\w+) -->\n")
_NEWEST = datetime(2026, 11, 20, 16, 45, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
_WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
_SHORT = 120  # characters of a lead in a listing
_CAPTIONS = (
    "Quang cảnh buổi làm việc sáng nay",
    "Đại diện các đơn vị tham gia hoạt động",
    "Người dân theo dõi bảng thông tin. Ảnh: Tư liệu",
)


@dataclass(frozen=True)
class Picture:
    url: str
    caption: str


@dataclass(frozen=True)
class Truth:
    """What is true of an article.

    Attributes:
        lead: the whole one.
        image: what stands above the article, with its caption; None where it has none.
        blocks: the text's paragraphs and pictures in the order of the page, without lead and signature.
        signature: the signing line's text, which may be in the text or not.
        document: the address that the text links to.
    """

    url: str
    title: str
    published: datetime
    date_only: bool
    lead: str
    author: str | None
    organisation: str | None
    image: Picture | None
    blocks: tuple[str | Picture, ...]
    signature: str
    document: str

    @property
    def paragraphs(self) -> list[str]:
        return [block for block in self.blocks if isinstance(block, str)]

    @property
    def pictures(self) -> list[Picture]:
        return [block for block in self.blocks if isinstance(block, Picture)]


def listing_url(system: System) -> str:
    return f"https://{system.name}.example.gov.vn/tin-tuc"


@cache
def listing_page(system: System) -> str:
    entries = "\n".join(
        _fill(
            system,
            "entry",
            path=_path(system, number),
            title=truth.title,
            short=_cut(truth.lead),
            listed=_date(truth.published, system.listed),
            iso=truth.published.isoformat(),
            thumb=f"/images/thumbs/{system.name}-{number}.jpg",
        )
        for number, truth in enumerate(truths(system))
    )
    return Template(_sections(system.name)["listing"]).substitute(entries=entries)


@cache
def article_page(system: System, number: int) -> str:
    truth = truths(system)[number]
    _, _, place, line = _signatures()[system.name, number]
    own_line = line if place == "byline" else system.account.get(number, "")
    body = "\n".join(_body(system, number, truth, line if place == "text" else ""))
    hero = truth.image if truth.image and truth.image not in truth.pictures else None
    parts = {
        "byline": _fill(system, "byline", markup=own_line) if own_line else "",
        "hero": _fill(system, "hero", image=hero.url, caption=hero.caption) if hero else "",
        "body": body,
    }
    return Template(_sections(system.name)["article"]).substitute(
        parts,
        title=escape(truth.title),
        cut=escape(truth.title[:24].rstrip()) + "…",
        path=escape(_path(system, number)),
        date=_date(truth.published, system.date),
        iso=truth.published.isoformat(),
        lead=escape(truth.lead),
        short=escape(_cut(truth.lead)),
    )


@cache
def truths(system: System) -> tuple[Truth, ...]:
    return tuple(_truth(system, number) for number in range(ARTICLES))


def _truth(system: System, number: int) -> Truth:
    title, lead, detail = _subjects()[SYSTEMS.index(system) * ARTICLES + number]
    author, organisation, _, line = _signatures()[system.name, number]
    at = _NEWEST - timedelta(days=number, hours=number, minutes=7 * number)
    if system.date_only:
        at = at.replace(hour=0, minute=0)
    blocks = tuple(_blocks(system, number, detail))
    image = next((block for block in blocks if isinstance(block, Picture)), None)
    if number == 0 and "hero" in _sections(system.name):
        image, blocks = Picture(_picture(system, number, 0).url, _CAPTIONS[0]), blocks[:1] + blocks[2:]
    return Truth(
        url=f"https://{system.name}.example.gov.vn{_path(system, number)}",
        title=title,
        published=at,
        date_only=system.date_only,
        lead=lead,
        author=author or None,
        organisation=organisation or None,
        image=image,
        blocks=blocks,
        signature=" ".join(re.sub(r"<[^>]*>", " ", line).split()),
        document=f"https://{system.name}.example.gov.vn/files/van-ban-{number}.pdf"
        if number == DOCUMENT
        else "",
    )


def _blocks(system: System, number: int, detail: str) -> Iterator[str | Picture]:
    """Yield the text's paragraphs and pictures behind the lead."""
    if number == DOCUMENT:
        return
    yield detail
    if number == NOTICE:
        return
    if number == GALLERY:
        yield from (_picture(system, number, index) for index in range(3))
        return
    if number == 0:
        yield _picture(system, number, 0)
    sentences = (FOLDER / "sentences.txt").read_text().splitlines()
    start = 5 * SYSTEMS.index(system) + 3 * number
    for index in range(4):
        yield sentences[(start + index) % len(sentences)]
        if number in (1, NESTED, LONG_LEAD) and index == 1:
            yield Picture(
                _picture(system, number, 0).url, "" if number == LONG_LEAD else _CAPTIONS[number % 3]
            )
    if number == UNSIGNED:
        yield from system.endings


def _body(system: System, number: int, truth: Truth, line: str) -> Iterator[str]:
    """Yield the markup of lead, text and signature."""
    sections = _sections(system.name)
    if system.first_is_lead:
        yield _fill(system, "lead", lead=truth.lead)
    if number == NOTICE and "notice" in sections:
        yield Template(sections["notice"]).substitute(text=escape(truth.paragraphs[0]), line=line)
        return
    for block in truth.blocks:
        if isinstance(block, Picture):
            name = "picture" if block.caption else "bare"
            yield _fill(system, name, image=block.url.partition(".gov.vn")[2], caption=block.caption)
        else:
            yield _fill(system, "wrapped" if number == NESTED else "paragraph", text=block)
    if truth.document:
        name = truth.document.rpartition("/")[2]
        yield _fill(system, "document", document=truth.document.partition(".gov.vn")[2], name=name)
    yield line


def _picture(system: System, number: int, index: int) -> Picture:
    url = f"https://{system.name}.example.gov.vn/upload/2026/11/{system.name}-{number}-{index}.jpg"
    return Picture(url, _CAPTIONS[index])


def _fill(system: System, section: str, *, markup: str = "", **texts: str) -> str:
    escaped = {name: escape(text) for name, text in texts.items()}
    return Template(_sections(system.name)[section]).substitute(escaped, line=markup).rstrip("\n")


def _path(system: System, number: int) -> str:
    title = _subjects()[SYSTEMS.index(system) * ARTICLES + number][0]
    slug = "-".join(re.findall(r"[a-z0-9]+", fold(title)))
    return system.path.format(slug=slug, number=1200 - number)


def _date(at: datetime, form: str) -> str:
    return at.strftime(form.replace("{weekday}", _WEEKDAYS[at.weekday()]))


def _cut(lead: str) -> str:
    return lead if len(lead) <= _SHORT else lead[:_SHORT].rpartition(" ")[0] + "..."


@cache
def _sections(name: str) -> dict[str, str]:
    parts = _SECTION.split((FOLDER / f"{name}.html").read_text())
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def _subjects() -> list[list[str]]:
    """Return title, lead and one more sentence of 64 articles."""
    return [line.split("\t") for line in (FOLDER / "subjects.tsv").read_text().splitlines()]


@cache
def _signatures() -> dict[tuple[str, int], tuple[str, str, str, str]]:
    """Return author, organisation, place and markup of the line that names them, by system and article.

    Places: `text` (the end of it), `byline` (the system's own).
    """
    rows = (line.split("\t") for line in (FOLDER / "signatures.tsv").read_text().splitlines())
    return {
        (system, int(number)): (author, organisation, place, markup)
        for system, number, author, organisation, place, markup in rows
    }
