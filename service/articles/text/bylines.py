"""Who wrote it: the person and the organisation in a line such as `Nguyễn Đức Hải - Văn phòng HĐND và UBND`.

A name is never split, re-ordered or shortened, and its capitals stay as they are.
"""

import re

from service.articles.text import plain_text as texts
from service.articles.text.bylines_words import is_a_name, is_nobody, is_organisation, is_person
from service.articles.text.unicode import SPACE_BEFORE

Names = tuple[str | None, str | None]  # author, organisation

MOST = 20  # authors of one article that are read

_NOBODY: Names = (None, None)
_LONGEST = 200  # characters; more is no line of authors

_MAIL = r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"  # from its first letter on only
_MAIL_BEFORE_NAME = re.compile(rf"<?{_MAIL}>?\s*+\((?P<name>[^()]++)\)")
_MAILBOX = re.compile(rf"{SPACE_BEFORE}[<(\[]?(?:mailto:)?{_MAIL}[>)\]]?\s*+")

_WORKS = r"(?:tin|bài|ảnh|hình ảnh|hình|clip|video|photos?)"
_LABEL = re.compile(
    r"(?:tác giả(?: bài viết)?|người viết|người đăng|người thực hiện|thực hiện|biên tập|biên soạn|nội dung"
    rf"|author|{_WORKS}(?: viết)?(?:\s*+(?:,|và|&|-|/|\+)\s*+{_WORKS})*+)\s*+:\s*+"
    r"|(?:(?:written |posted )?by|đăng bởi|viết bởi|tác giả)\s++",
    re.IGNORECASE,
)
_LABEL_ALONE = re.compile(_WORKS, re.IGNORECASE)  # what is left of "Bài, ảnh: …"
_SIGN = r"[\s;,.|\u2013-]"  # between two credits
_NEXT_CREDIT = re.compile(  # a row of signs is tried from its first, or from its second behind "và"
    rf"(?:(?<!{_SIGN})(?<!nguồn)(?<!và)(?<!&)|(?<=nguồn{_SIGN})|(?<=và{_SIGN})|(?<=&{_SIGN})){_SIGN}++"
    rf"(?={_WORKS}(?:\s*+(?:,|và|&)\s*+{_WORKS}){{0,9}}+\s*+:)",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"(?:nguồn(?: tin)?|source|theo)\s*+:\s*+|(?P<theo>theo)\s++", re.IGNORECASE)
_WAY_OF_WORK = re.compile(
    rf"{SPACE_BEFORE}\((?:tổng hợp|t/h|sưu tầm|st|biên dịch|lược dịch|dịch|thực hiện)\)"
    r"|(?<!\s)\s++[-\u2013]\s++(?:tổng hợp|t/h)$",
    re.IGNORECASE,
)
_BESIDE_THE_NAMES = re.compile(
    r"(?:(?<![\s|,;•·(\u2013-])[\s|,;•·(\u2013-]++)?+"
    r"(?:lượt xem|lượt đọc|ngày đăng|cập nhật|đăng lúc|đăng ngày|ngày:"
    r"|\d{1,2}[/:h]\d{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}+\.?\s\d{1,2}\b).*+$",
    re.IGNORECASE | re.DOTALL,
)
_WITH_BRACKETS = re.compile(r"(?P<before>[^()\[\]]++)[(\[](?P<within>[^()\[\]]++)[)\]]")
_BETWEEN_PARTS = re.compile(
    rf"((?<!\s)\s++[-\u2013\u2014]\s*+|{SPACE_BEFORE}(?:[-\u2013\u2014]\s++|[|;•/]\s*+|,\s++)"
    r"|-(?=(?:Báo|Ban|Cổng|Đài|Phòng|Sở|Trung tâm|UBND|Văn phòng)\s))"
)
_EDGES = " \t,;:\u2013\u2014-|/•·*_\"'“”"
_VIETNAMESE = re.compile(r"[^\x00-\x7f]")


def read(text: str) -> Names:
    """The author and the organisation; None for the one that is not named, both for what is no such line."""
    line = _BESIDE_THE_NAMES.sub("", _without_mail(texts.plain(text[: 10 * _LONGEST])))
    if len(line) > _LONGEST or "://" in line:
        return _NOBODY
    found = [
        _credit(credit.strip(_EDGES))
        for credit in _NEXT_CREDIT.split(line)
        if not _LABEL_ALONE.fullmatch(credit)
    ]
    authors = dict.fromkeys(author for author, _ in found if author)
    organisation = next((organisation for _, organisation in found if organisation), None)
    return ", ".join(authors) or None, organisation


def _without_mail(line: str) -> str:
    """`a@b (Name)` and `Name <a@b>` without the mailbox, which is not ours to publish."""
    named = _MAIL_BEFORE_NAME.fullmatch(line)
    return named["name"] if named else _MAILBOX.sub(" ", line)


def _credit(line: str) -> Names:
    source = _SOURCE.match(line)
    if source:
        return _source(line, line[source.end() :].strip(_EDGES), is_sure=not source["theo"])
    return _names(line[label.end() :] if (label := _LABEL.match(line)) else line)


def _source(line: str, rest: str, *, is_sure: bool) -> Names:
    """`Nguồn: …` and `Theo …` name the press rather than a person; but Theo is also a first name."""
    if rest[:1].islower() and _VIETNAMESE.search(rest) and not is_organisation(rest):
        return _NOBODY  # "Theo đó, …"
    author, organisation = _names(rest)
    if author is None or organisation or is_person(rest):
        return author, organisation
    if is_sure or (rest[0].isupper() and (_VIETNAMESE.search(rest) or not rest.istitle())):
        return None, author
    return line, None


def _names(line: str) -> Names:
    line = _WAY_OF_WORK.sub("", line).strip(_EDGES)
    brackets = _WITH_BRACKETS.fullmatch(line)
    if brackets and is_organisation(brackets["within"].strip()):
        author, organisation = _names(brackets["before"])
        return author, organisation or brackets["within"].strip()
    pieces = _BETWEEN_PARTS.split(line)
    first = next((at for at, piece in enumerate(pieces) if at % 2 == 0 and is_organisation(piece)), None)
    if first is None:
        return _persons(pieces), None
    end = next((at for at in range(first + 2, len(pieces), 2) if is_person(pieces[at])), len(pieces))
    before, after = _persons(pieces[:first]), _persons(pieces[end:])
    return ", ".join(filter(None, (before, after))) or None, "".join(pieces[first:end]).strip(_EDGES) or None


def _persons(pieces: list[str]) -> str | None:
    """The names as they are written, with what stands between them; None if one of them is no name."""
    line = "".join(pieces).strip(_EDGES)
    names = [piece.strip(_EDGES) for piece in pieces[::2]]
    return line if line and not is_nobody(line) and all(is_a_name(name) for name in names if name) else None
