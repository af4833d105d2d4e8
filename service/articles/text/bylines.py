"""Parse bylines: the person and the organisation in a line such as `Nguyễn Đức Hải - Văn phòng HĐND và UBND`.

`parse` reads what is known to be a byline, `read_signature` a line of a text that may be one. Names are never
split, re-ordered or shortened, and their capitals stay as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from service.articles.text import names, plain_text
from service.articles.text.plain_text import SPACE_BEFORE

Byline = tuple[str | None, str | None]  # author, organisation

MAX_AUTHORS = 20  # of one article that are read

_EMPTY: Byline = (None, None)
_MAX_LINE = 200  # characters; more is no line of authors

_MAIL = r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"  # from its first letter only: linear
_MAIL_AND_NAME = re.compile(rf"<?{_MAIL}>?\s*+\((?P<name>[^()]++)\)")
_MAILBOX = re.compile(rf"{SPACE_BEFORE}[<(\[]?(?:mailto:)?{_MAIL}[>)\]]?\s*+")

_DASH = "\\-\u2010-\u2015\u2212"
_WORKS = r"(?:tin|bài|ảnh|hình ảnh|hình|clip|video|photos?)"
_AND = rf"(?:\s*+(?:[,;&/+{_DASH}]|và\b)?+\s*+{_WORKS}(?!\w))"
_LABEL = re.compile(
    r"(?:(?:nhóm |đồng )?tác giả(?: bài viết)?|người (?:viết|đăng|gửi|thực hiện)|(?:nhóm )?thực hiện|nội dung"
    r"|biên (?:tập|soạn|dịch)|tổng hợp|bút danh|phóng viên|pv|ctv|author"
    rf"|{_WORKS}(?: viết)?(?!\w){_AND}*+(?: viết)?)\s*+[:\uff1a]\s*+"
    r"|(?:(?:written |posted )?by|(?:(?:được )?(?:đăng|viết) )?bởi(?=[\s:]++(?-i:[^a-zà-ỹđ]))|tác giả)"
    r"[\s:]++",
    re.IGNORECASE,
)
_LABEL_ALONE = re.compile(_WORKS, re.IGNORECASE)
_SEPARATOR = rf"[\s;,.|{_DASH}]"  # between two credits
_NEXT_CREDIT = re.compile(  # linear: a run of separators is tried from its first, or its second behind "và"
    rf"(?:(?<!{_SEPARATOR})(?<!nguồn)(?<!và)(?<!&)"
    rf"|(?<=nguồn{_SEPARATOR})|(?<=và{_SEPARATOR})|(?<=&{_SEPARATOR})){_SEPARATOR}++"
    rf"(?=(?:{_WORKS}(?:\s*+(?:,|và|&)\s*+{_WORKS}){{0,9}}+|tác giả|nguồn(?: tin)?|đơn vị)\s*+:)",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"(?:(?:theo )?nguồn(?: tin| bài viết)?|source|theo)\s*+[:\uff1a]\s*+|(?P<theo>theo)\s++", re.IGNORECASE
)
_UNIT = re.compile(
    r"(?:đơn vị(?: công tác| thực hiện)?|cơ quan|nơi công tác)\s*+[:\uff1a]\s*+", re.IGNORECASE
)
_ROLE_NOTE = re.compile(
    rf"{SPACE_BEFORE}\((?:tổng hợp|t/h|sưu tầm|st|biên dịch|lược dịch|dịch|thực hiện)\)"
    r"|(?<!\s)\s++[-\u2013]\s++(?:tổng hợp|t/h)$",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"(?:(?<![\s|,;•·(\u2013-])[\s|,;•·(\u2013-]++)?+"
    r"(?:lượt xem|lượt đọc|ngày đăng|cập nhật|đăng lúc|đăng ngày|ngày:"
    r"|\d{1,2}[/:h]\d{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}+\.?\s\d{1,2}\b).*+$",
    re.IGNORECASE | re.DOTALL,
)
_WITH_BRACKETS = re.compile(
    r"(?P<before>[^()\[\]]++)[(\[](?:(?:theo|nguồn)(?:\s*+:\s*+|\s))?(?P<within>[^()\[\]]++)[)\]]",
    re.IGNORECASE,
)
_PART_SEPARATOR = re.compile(
    rf"((?<!\s)\s++[{_DASH}~]++\s*+|{SPACE_BEFORE}(?:(?<![{_DASH}])[{_DASH}]++\s++|[|¦;•·∙\u2027\u30fb/\\]\s*+|,\s++)"
    rf"|[{_DASH}](?=(?:Báo|Ban|BCH|BQL|Bệnh viện|Chi cục|Công an|Cổng|Đài|Đoàn|HĐND|Hội|MTTQ|Phòng|Sở"
    r"|Thành ủy|Tỉnh đoàn|Trang|Trung tâm|Trường|TT|UBND|Ủy ban|Văn phòng|VP)(?![\w-])))"
)
_EDGES = " \t,;:\u2010\u2011\u2012\u2013\u2014\u2015\u2212-|¦/\\•·∙*_~\"'“”"
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_VIETNAMESE = re.compile(r"[ăâđêôơư\u1ea0-\u1eff]", re.IGNORECASE)
_AND_WORD = re.compile(r"(?<!\s)\s++(?:và|&|\+|and)\s++")
_DATELINE = re.compile(
    r"(?:,\s*+|^)ngày(?:\s++\d.*+)?$", re.IGNORECASE
)  # "Đông Hà, ngày 14 tháng 11 năm 2026"
_PARTICLES = frozenset({"và", "and", "&", "với", "cùng"})

_MAX_NAME_WORDS = 8  # with a title
_MAX_NAME = 80  # characters
_SHORT_NAME = 4  # words; in a longer name most words are capitalised, in a sentence they are not

# What a line of a text must not have to be its signature.
_BULLET = re.compile(r"[-+*•\u2013\u2014]\s*+|\d{1,2}[.)]|[a-zđ]\)")
_NO_SIGNATURE_END = re.compile(r"[!?:;…,”»\"]$|\.\.\.$")
_END_OF_TEXT = re.compile(r"(?:(?<![./\s])[./\s]++)?+$")
_BRACKETED = re.compile(r"[(\[](?P<within>[^()\[\]]++)[)\]]\.?")
_MAX_DIGITS = 6  # more are a telephone number
_MAX_SIGNATURE = 140  # characters
_SHORTEST_NAME = 2  # words
_PERSON_AND_UNIT = 3  # parts: name, separator, unit
_AWARD = re.compile(r"(?:giải|huy chương|hạng|lớp|điểm|hcv|hcb|hcđ|sn|sinh|tuổi)(?!\w)|\d", re.IGNORECASE)
_MAX_PERSONS = 4  # without a label; more are a list of names
_SURE_LABEL = re.compile(r"(?:tác giả|người viết|tin|bài|ảnh|author|by|bởi|viết|được)(?!\w)", re.IGNORECASE)
_EDITOR_LABEL = re.compile(r"(?:biên tập|nội dung)\s*+[:\uff1a]", re.IGNORECASE)  # of a portal's foot, too
_PHOTO_LABEL = re.compile(r"(?:hình ảnh|hình|ảnh|video|clip|photos?)\s*+[:\uff1a]", re.IGNORECASE)
_DOCUMENTS = re.compile(  # a sentence goes by these, or a budget pays
    r"(?:luật|bộ luật|nghị định|nghị quyết|quyết định|kế hoạch|thông báo|thông tư|công văn|chỉ thị|đề án"
    r"|quy định|quy chế|hướng dẫn|kết luận|chương trình|ngân sách|vốn|dự báo|lịch|phong tục|truyền thuyết"
    r"|thống kê|số liệu)(?!\w)",
    re.IGNORECASE,
)


class Setting(IntEnum):
    """How a line of a text is set; the more it stands out, the less must be known of a name in it."""

    PLAIN = 0
    SET_APART = 1  # bold, italic, centred, in a table or brackets of its own
    RIGHT = 2  # flush right, or in an element that is named after the author


class Kind(Enum):
    """What a signing line consists of."""

    LABELLED = auto()  # `Tin, ảnh: Thu Hà`
    PHOTO = auto()  # `Ảnh: Thu Hà`
    SOURCE = auto()  # `Nguồn: Sở Y tế`, `Theo TTXVN`
    UNIT = auto()  # `Đơn vị: Sở Y tế`, which belongs to a name beside it
    WHOLE = auto()  # person and organisation
    PERSON = auto()
    ORGANISATION = auto()


@dataclass(frozen=True, slots=True)
class Signature:
    author: str | None
    organisation: str | None
    kind: Kind


def parse(text: str) -> Byline:
    """Return the author and the organisation, each None where it is not named or the line is no byline."""
    line = plain_text.from_markup(text[: 10 * _MAX_LINE])
    bracketed = _BRACKETED.fullmatch(line)
    line = bracketed["within"].strip() if bracketed else line
    mail = _MAIL_AND_NAME.fullmatch(line)  # mail addresses are not published
    is_missing = len(line) <= _MAX_LINE and names.is_nobody(line)
    line = _TRAILER.sub("", mail["name"] if mail else _MAILBOX.sub(" ", line))
    if is_missing or len(line) > _MAX_LINE or "://" in line or _DATELINE.search(line):
        return _EMPTY
    return _together([_parse_unit(credit) or _parse_credit(credit) for credit in _credits(line)])


def parse_lines(lines: Sequence[str]) -> Byline:
    """Return author and organisation of a byline of several lines: name and unit, or one label each."""
    return _together([parse(line) for line in lines[:MAX_AUTHORS]])


def read_signature(text: str, setting: Setting) -> Signature | None:
    """Return whom a line at the end of a text names; None for one that is no signature."""
    line = text.strip()
    bracketed = _BRACKETED.fullmatch(line)
    if bracketed:
        line, setting = bracketed["within"].strip(), max(setting, Setting.SET_APART)
    line = _without_trailer(line, setting)
    signatures = [_read_credit(credit, setting) for credit in _credits(line)] if line else []
    found = [signature for signature in signatures if signature]
    if not found or len(found) < len(signatures):
        return None
    author, organisation = _together([(one.author, one.organisation) for one in found])
    return Signature(author, organisation, found[0].kind)


def _without_trailer(line: str, setting: Setting) -> str:
    """Return the line without date and full stop; "" for an entry of a list, a sentence, a contact."""
    if len(line) > _MAX_SIGNATURE or "://" in line or "@" in line:
        return ""
    if setting < Setting.RIGHT and _BULLET.match(line):
        return ""
    rest = _TRAILER.sub("", line).strip()
    if _NO_SIGNATURE_END.search(rest) or _DATELINE.search(rest) or sum(map(str.isdigit, rest)) > _MAX_DIGITS:
        return ""
    if rest != line and " " not in rest:
        return ""  # "Trang 1/2"
    return rest if names.is_pen_name(rest) else _END_OF_TEXT.sub("", rest)


def read_name(text: str) -> Signature | None:
    """Return whom a line above or below an organisation's name names: there a likely name is enough."""
    line = text.strip(_EDGES + "()")
    persons = [name for part in _parts(line)[::2] for name in persons_of(part)]
    is_name = 0 < len(persons) <= _MAX_PERSONS and all(map(names.is_likely, persons))
    return Signature(line, None, Kind.PERSON) if is_name and not names.is_addressed(line) else None


def signs(text: str) -> bool:
    """Return whether a line signs a text wherever it stands: by person and organisation, or a label."""
    signature = read_signature(text, Setting.PLAIN)
    return signature is not None and signature.kind in (Kind.WHOLE, Kind.LABELLED)


def _together(bylines: Sequence[Byline]) -> Byline:
    authors = dict.fromkeys(author for author, _ in bylines if author)
    organisation = next((organisation for _, organisation in bylines if organisation), None)
    return ", ".join(authors) or None, organisation


def _credits(line: str) -> list[str]:
    parts: list[str] = []
    for credit in _NEXT_CREDIT.split(line):
        is_continued = parts and _LABEL_ALONE.fullmatch(parts[-1])  # "Bài, ảnh: …"
        before = f"{parts.pop()}, " if is_continued else ""
        parts.append(before + credit.strip(_EDGES))
    return parts


def _parse_unit(line: str) -> Byline | None:
    unit = _UNIT.match(line)
    name = line[unit.end() :].strip(_EDGES) if unit else ""
    return (None, name) if name and names.is_organisation(name) else None


def _parse_credit(line: str) -> Byline:
    source = _SOURCE.match(line)
    if source:
        return _parse_source(line, line[source.end() :].strip(_EDGES), is_label=not source["theo"])
    label = _LABEL.match(line)
    return _parse_names(line[label.end() :] if label else line)


def _parse_source(line: str, rest: str, *, is_label: bool) -> Byline:
    """Parse `Nguồn: …` or `Theo …`, which name the press rather than a person; Theo is a first name, too."""
    if rest[:1].islower() and _NON_ASCII.search(rest) and not names.is_organisation(rest):
        return _EMPTY  # "Theo đó, …" begins a sentence
    author, organisation = _parse_names(rest)
    if organisation or (author and names.is_full_name(rest)):
        return author, organisation
    if not rest or names.is_nobody(rest) or not _is_short(rest):
        return _EMPTY
    if is_label or (rest[0].isupper() and (_NON_ASCII.search(rest) or not rest.istitle())):
        return None, rest
    return line, None


def _parse_names(line: str) -> Byline:
    line = _ROLE_NOTE.sub("", line).strip(_EDGES)
    if names.is_nobody(line):
        return _EMPTY
    brackets = _WITH_BRACKETS.fullmatch(line)
    if brackets and names.is_organisation(brackets["within"].strip()):
        author, organisation = _parse_names(brackets["before"])
        return author, organisation or brackets["within"].strip()
    parts = _parts(line)
    start = next((at for at in range(0, len(parts), 2) if names.is_organisation(parts[at])), None)
    if start is None:
        return _join_persons(parts), None
    end = _end_of_organisation(parts, start)
    before, after = _join_persons(parts[:start]), _join_persons(parts[end:])
    return ", ".join(filter(None, (before, after))) or None, "".join(parts[start:end]).strip(_EDGES) or None


def _parts(line: str) -> list[str]:
    """Return the parts at even positions and the separators between them, as written, at odd ones."""
    parts = _PART_SEPARATOR.split(line)
    if len(parts) > 1:
        return parts
    words = line.split()
    for at in range(2, min(len(words) - 1, _MAX_NAME_WORDS)):  # "Lê An Sở Y tế", in two elements
        name, unit = " ".join(words[:at]), " ".join(words[at:])
        if words[at][0].isupper() and names.begins_organisation(unit) and names.is_full_name(name):
            return [name, " ", unit]
    return parts


def _end_of_organisation(parts: Sequence[str], start: int) -> int:
    following = range(start + 2, len(parts), 2)
    return next((at for at in following if names.is_full_name(parts[at])), len(parts))


def _join_persons(parts: list[str]) -> str | None:
    """Return the names with the separators between them, as written; None if one of them is no name."""
    line = "".join(parts).strip(_EDGES)
    persons = [part.strip(_EDGES) for part in parts[::2]]
    are_names = all(map(_is_name, filter(None, persons)))
    return line if line and not names.is_nobody(line) and are_names else None


def _is_name(text: str) -> bool:
    """Return whether a person could be called so; sentences, addresses and `admin` are no names."""
    words = text.split()
    if names.is_nobody(text) or "://" in text or "www." in text or ":" in text:
        return False
    if not any(char.isalpha() for char in text) or not _is_short(text):
        return False
    if _VIETNAMESE.search(text) and words[0][0].isupper() and not names.is_position(text):
        return names.is_full_name(text) or all(
            word[0].isupper() or word in _PARTICLES or not word[0].isalpha() for word in words
        )
    return True


def _is_short(text: str) -> bool:
    """Return whether it is short enough for a name; in a longer one most words are capitalised."""
    words = text.split()
    if len(text) > _MAX_NAME or len(words) > _MAX_NAME_WORDS:
        return False
    return len(words) <= _SHORT_NAME or 2 * sum(word[0].isupper() for word in words) >= len(words)


# Signatures


def _read_credit(line: str, setting: Setting) -> Signature | None:
    unit = _parse_unit(line)
    if unit:
        return Signature(*unit, Kind.UNIT)
    source = _SOURCE.match(line)
    if source:
        return _read_source(line, source, setting)
    label = _LABEL.match(line)
    if label:
        return _read_label(line, label)
    if ":" in line or names.is_addressed(line):
        return None
    return _read_names(line, setting)


def _read_source(line: str, source: re.Match[str], setting: Setting) -> Signature | None:
    rest = line[source.end() :].strip(_EDGES)
    if not rest or _DOCUMENTS.match(rest) or not (rest[0].isupper() or names.is_organisation(rest)):
        return None
    author, organisation = _parse_source(line, rest, is_label=not source["theo"])
    if author and not all(map(names.is_known, persons_of(author))):
        return None
    if organisation and not names.is_only_organisation(organisation):
        is_title = 2 * sum(word[0].isupper() for word in organisation.split()) >= len(organisation.split())
        if not is_title or (source["theo"] and setting is Setting.PLAIN):
            return None
    return Signature(author, organisation, Kind.SOURCE) if author or organisation else None


def _read_label(line: str, label: re.Match[str]) -> Signature | None:
    """Read `Tác giả: …`; a label that stands before other things than names, too, wants a known name."""
    if _EDITOR_LABEL.match(line):
        return None
    rest = line[label.end() :].strip(_EDGES)
    first = _parts(_ROLE_NOTE.sub("", rest).partition("(")[0].strip(_EDGES))[0]
    is_sure = _SURE_LABEL.match(line) and not _PHOTO_LABEL.match(line)
    is_name = names.is_capitalised if is_sure else names.is_likely
    if not first or not (names.is_only_organisation(first) or all(map(is_name, persons_of(first)))):
        return None
    author, organisation = _parse_names(rest)
    kind = Kind.PHOTO if _PHOTO_LABEL.match(line) else Kind.LABELLED
    return Signature(author, organisation, kind) if author or organisation else None


def _read_names(line: str, setting: Setting) -> Signature | None:
    """Read a line without a label, every part of which must be a known name."""
    line = _ROLE_NOTE.sub("", line).strip(_EDGES)
    brackets = _WITH_BRACKETS.fullmatch(line)
    sides = [brackets["before"], brackets["within"]] if brackets else [line]
    parts = [part for side in sides for part in (" ", *_parts(side.strip()))][1:]
    if any(names.is_position(part) or names.is_addressed(part) for part in parts[::2]):
        return None
    start = next((at for at in range(0, len(parts), 2) if names.is_only_organisation(parts[at])), None)
    if start is not None:
        return _read_organisation(parts, start, setting)
    if setting is Setting.RIGHT and _is_unit_of(parts):
        return Signature(parts[0], parts[2], Kind.WHOLE)
    return _read_persons(line, parts[::2], setting)


def _read_organisation(parts: list[str], start: int, setting: Setting) -> Signature | None:
    """Read a line with an organisation's name, alone or with persons' names before or behind it."""
    end = _end_of_organisation(parts, start)
    organisation = "".join(parts[start:end]).strip(_EDGES)
    before = [name for part in parts[:start:2] for name in persons_of(part)]
    after = [name for part in parts[end::2] for name in persons_of(part)]
    if not names.is_only_organisation(organisation):
        return None
    if not before and not after:
        heads = sum(map(names.begins_organisation, parts[start:end:2]))
        is_one = heads == 1 and names.is_title_of_organisation(organisation)  # no teams, list or sentence
        is_sure = is_one or setting is Setting.RIGHT
        return Signature(None, organisation, Kind.ORGANISATION) if is_sure else None
    is_name = names.is_likely if setting is Setting.PLAIN else names.is_capitalised
    are_names = all(map(is_name, before)) and all(map(names.is_full_name, after))
    if not are_names or len(before) + len(after) > _MAX_PERSONS:
        return None
    author = _join_persons(parts[:start]) or _join_persons(parts[end:])
    return Signature(author, organisation, Kind.WHOLE)


def _is_unit_of(parts: Sequence[str]) -> bool:
    """Return whether a person's name and a dash or bar stand before what is no name and no sentence."""
    if len(parts) != _PERSON_AND_UNIT or not names.is_full_name(parts[0]) or not parts[1].strip(" ,"):
        return False
    unit = parts[2]
    is_other = names.is_known(unit) or names.is_position(unit) or names.is_nobody(unit)
    return not is_other and " " in unit and names.is_title_of_organisation(unit) and not _AWARD.match(unit)


def _read_persons(line: str, parts: Sequence[str], setting: Setting) -> Signature | None:
    persons = [name for part in parts for name in persons_of(part)]
    if not 0 < len(persons) <= _MAX_PERSONS or any(map(names.is_namesake, persons)):
        return None
    is_single = setting is Setting.RIGHT and len(persons) == 1 and len(line.split()) == _SHORTEST_NAME
    is_name = names.is_likely if is_single else names.is_known
    return Signature(line, None, Kind.PERSON) if all(map(is_name, persons)) else None


def persons_of(part: str) -> list[str]:
    """Return the names that "và" or "&" joins."""
    return [name.strip(_EDGES) for name in _AND_WORD.split(part)]
