"""Parse bylines: the person and the organisation in a line such as `Nguyễn Đức Hải - Văn phòng HĐND và UBND`.

Names are never split, re-ordered or shortened, and their capitals stay as they are. Vietnamese words are
compared with their diacritics: Phương is a name, phường is a ward.
"""

import re

from service.articles.text import plain_text
from service.articles.text.plain_text import SPACE_BEFORE

Byline = tuple[str | None, str | None]  # author, organisation

MAX_AUTHORS = 20  # of one article that are read

_EMPTY: Byline = (None, None)
_MAX_LINE = 200  # characters; more is no line of authors

_MAIL = r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"  # from its first letter only: linear
_MAIL_AND_NAME = re.compile(rf"<?{_MAIL}>?\s*+\((?P<name>[^()]++)\)")
_MAILBOX = re.compile(rf"{SPACE_BEFORE}[<(\[]?(?:mailto:)?{_MAIL}[>)\]]?\s*+")

_WORKS = r"(?:tin|bài|ảnh|hình ảnh|hình|clip|video|photos?)"
_LABEL = re.compile(
    r"(?:tác giả(?: bài viết)?|người viết|người đăng|người thực hiện|thực hiện|biên tập|biên soạn|nội dung"
    rf"|author|{_WORKS}(?: viết)?(?:\s*+(?:,|và|&|-|/|\+)\s*+{_WORKS})*+)\s*+:\s*+"
    r"|(?:(?:written |posted )?by|đăng bởi|viết bởi|tác giả)\s++",
    re.IGNORECASE,
)
_LABEL_ALONE = re.compile(_WORKS, re.IGNORECASE)  # what is left of "Bài, ảnh: …"
_SEPARATOR = r"[\s;,.|\u2013-]"  # between two credits
_NEXT_CREDIT = re.compile(  # linear: a run of separators is tried from its first, or its second behind "và"
    rf"(?:(?<!{_SEPARATOR})(?<!nguồn)(?<!và)(?<!&)"
    rf"|(?<=nguồn{_SEPARATOR})|(?<=và{_SEPARATOR})|(?<=&{_SEPARATOR})){_SEPARATOR}++"
    rf"(?={_WORKS}(?:\s*+(?:,|và|&)\s*+{_WORKS}){{0,9}}+\s*+:)",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"(?:nguồn(?: tin)?|source|theo)\s*+:\s*+|(?P<theo>theo)\s++", re.IGNORECASE)
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
_WITH_BRACKETS = re.compile(r"(?P<before>[^()\[\]]++)[(\[](?P<within>[^()\[\]]++)[)\]]")
_PART_SEPARATOR = re.compile(
    rf"((?<!\s)\s++[-\u2013\u2014]\s*+|{SPACE_BEFORE}(?:[-\u2013\u2014]\s++|[|;•/]\s*+|,\s++)"
    r"|-(?=(?:Báo|Ban|Cổng|Đài|Phòng|Sở|Trung tâm|UBND|Văn phòng)\s))"
)
_EDGES = " \t,;:\u2013\u2014-|/•·*_\"'“”"
_NON_ASCII = re.compile(r"[^\x00-\x7f]")


def _phrases(phrases: str) -> frozenset[str]:
    return frozenset(phrases.split("|"))


_FAMILY_NAMES = _phrases(
    "nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|lý|đinh|trương|lâm|đoàn|trịnh|mai"
    "|đào|tô|tạ|hà|lương|vương|thái|cao|châu|tống|quách|la|kiều|chu|tăng|thân|triệu|từ|đàm|lưu|phùng|văn|hứa"
    "|khổng|mạc|nghiêm|ông|quan|thạch|tiêu|ninh|cù|doãn|bạch|âu|giang|khuất|lại|lò|mã|nông|quàng|sầm|vi|viên"
)
_PLACES_LIKE_PERSONS = _phrases(
    "hà nội|hà nam|hà tĩnh|hà giang|hà đông|hồ chí minh|cao bằng|cao lãnh|lâm đồng|lý sơn|thái bình"
    "|thái nguyên|châu đốc|mai châu|ninh bình|ninh thuận"
)
_TITLE = re.compile(
    r"(?:(?:pgs|gs|ths|ts|bs|cn|ks|ls|nb|pv|ctv|btv)\.?,?\s*+"
    r"|(?:ông|bà|nhà báo|phóng viên|cộng tác viên)\s++)+(?=\S)",
    re.IGNORECASE,
)
_PERSON_WORDS = range(2, 7)  # words of a full name
_MAX_NAME_WORDS = 8  # with a title
_MAX_NAME = 80  # characters
_SHORT_NAME = 4  # words; in a longer name most words are capitalised, in a sentence they are not

_PLACEHOLDERS = _phrases(
    "root|user|guest|unknown|anonymous|n/a|na|null|none|undefined|test|test test|noreply|no-reply|author|host"
    "|internet|ẩn danh|khuyết danh|đang cập nhật|tác giả|tổng hợp|sưu tầm|t/h"
)
# Accounts of systems, in any spelling: `admin2`, `Super User`, `Quản trị viên`, `DOMAIN\\administrator`.
_ACCOUNT = re.compile(
    r"(?:[\w.-]{1,30}+[\\/|])?+(?:"
    r"(?:[^\W_]{1,20}+[ _.-]){0,2}+(?:admin|administrator)s?\d{0,6}+"
    r"|admin[^\W_]{0,20}+(?:[ _.-][^\W_]{1,20}+){0,4}+|super[ _.-]?user\d{0,6}+|web ?master\d{0,6}+|system"
    r"|(?:system|service|sharepoint|default|portal|web|site)[ _.-]?(?:account|user)"
    r"|(?:(?:người|ban|nhóm|bộ phận|tài khoản) )?+qu[ảa]n ?tr[ịi](?: ?vi[êe]n)?"
    r"(?: (?:website|web|site|hệ thống|mạng|nội dung|cổng|trang|portal|tin|viên|thông tin|điện tử|ttđt))"
    r"{0,4}+ ?\d{0,6}+)",
    re.IGNORECASE,
)

_PRESS = _phrases(
    "ttxvn|vov|vtv|vna|vnexpress|vietnamnet|vietnam+|vietnamplus|dân trí|tuổi trẻ|thanh niên|tiền phong"
    "|lao động|nhân dân|zing|znews|zing news|tto|nlđo|tno|reuters|afp|ap|bbc|cnn|tass|sputnik|xinhua"
    "|bloomberg|kyodo|yonhap|associated press|bbt|pv|ctv|btv|nhóm pv|nhóm phóng viên|ban biên tập"
    "|tòa soạn|toà soạn|phóng viên"
)
_DOMAIN = re.compile(r"(?!www\.)[\w.-]+\.(?:vn|com|net|org|info|asia|gov|edu)(?:\.vn)?", re.IGNORECASE)

# The beginning of an organisation's name.
_ORGANISATION_HEAD = re.compile(
    r"(?:văn phòng|vp|phòng|sở|ủy ban|uỷ ban|ubnd|hđnd|ubmttq|mttq|mặt trận|chi cục|tổng cục|liên đoàn"
    r"|công đoàn|công an|công ty|tổng công ty|tập đoàn|chi nhánh|chi bộ|đảng bộ|đảng ủy|đảng uỷ"
    r"|(?:thành|tỉnh|huyện|thị|quận) (?:ủy|uỷ)|(?:tỉnh|thành|huyện|thị|quận|xã|trung ương) đoàn"
    r"|đoàn (?:thanh niên|tncs|đại biểu|trường|phường|xã|khối|tn)|bộ đội|bộ chỉ huy|ban chỉ huy|cảnh sát"
    r"|trung tâm|bệnh viện|trạm y tế|thư viện|bảo tàng|bảo hiểm|ngân hàng|kho bạc|tạp chí|quốc hội|chính phủ"
    r"|cổng (?:thông tin|ttđt|tt|dịch vụ)|trang (?:thông tin|tin|ttđt|tt)|website|chuyên trang|quỹ|thanh tra"
    r"|tòa án|toà án|viện kiểm sát|hạt kiểm lâm|đồn biên phòng|câu lạc bộ|clb|hợp tác xã"
    r"|nhà (?:văn hóa|văn hoá|xuất bản|thiếu nhi|máy)|đài (?:ptth|pt-th|pt|th)\b"
    r"|trường (?:đại học|đh|cao đẳng|cđ|trung (?:học|cấp)|tiểu học|th|thcs|thpt|mầm non|mn|chính trị|dạy nghề"
    r"|ptdt|phổ thông)|tổ (?:công tác|dân phố|biên tập|tin|phóng viên|truyền thông)"
    r"|đội (?:tuyên truyền|quản lý|cảnh sát|thông tin|tttt)|nhóm (?:pv|phóng viên)"
    r"|department|office|ministry|committee|council|university|agency|city of|the (?:city|editors?))(?!\w)",
    re.IGNORECASE,
)
# Only in a name of three words or more: "Ban Mai" is a pen name.
_LONG_ORGANISATION_HEAD = re.compile(
    r"(?:ban|bộ|đài|báo|hội|cục|vụ|viện|học viện|xã|phường|quận|huyện|tỉnh|thành phố|thị xã|thị trấn|tp\.?"
    r"|khối)\s",
    re.IGNORECASE,
)
_LONG_ORGANISATION = 3  # words
_ORGANISATION_WORD = re.compile(
    r"(?<!\w)(?:UBND|HĐND|UBMTTQ\w*|MTTQ\w*|TTĐT|LHPN|LĐLĐ|BQL|BCH|PTTH|PT-TH|TNCS"
    r"|(?i:press|news|newsroom|newspaper|editorial|staff|ministry|department|university|agency|office|team"
    r"|inc|ltd|gmbh))(?!\w)"
)
_POSITION = re.compile(
    r"(?:phó|chủ tịch|giám đốc|trưởng|bí thư|chánh|nguyên|hiệu trưởng|chủ nhiệm|ủy viên|tổng biên tập"
    r"|đại biểu|chuyên viên|cán bộ|director|head|chair|mayor|reporter|editor)(?!\w)",
    re.IGNORECASE,
)


def parse(text: str) -> Byline:
    """Return the author and the organisation, each None where it is not named or the line is no byline."""
    line = plain_text.from_markup(text[: 10 * _MAX_LINE])
    mail = _MAIL_AND_NAME.fullmatch(line)  # mail addresses are not published
    line = _TRAILER.sub("", mail["name"] if mail else _MAILBOX.sub(" ", line))
    if len(line) > _MAX_LINE or "://" in line:
        return _EMPTY
    bylines = [
        _parse_credit(credit.strip(_EDGES))
        for credit in _NEXT_CREDIT.split(line)
        if not _LABEL_ALONE.fullmatch(credit)
    ]
    authors = dict.fromkeys(author for author, _ in bylines if author)
    organisation = next((organisation for _, organisation in bylines if organisation), None)
    return ", ".join(authors) or None, organisation


def _parse_credit(line: str) -> Byline:
    source = _SOURCE.match(line)
    if source:
        return _parse_source(line, line[source.end() :].strip(_EDGES), is_label=not source["theo"])
    label = _LABEL.match(line)
    return _parse_names(line[label.end() :] if label else line)


def _parse_source(line: str, rest: str, *, is_label: bool) -> Byline:
    """Parse `Nguồn: …` or `Theo …`, which name the press rather than a person; Theo is a first name, too."""
    if rest[:1].islower() and _NON_ASCII.search(rest) and not _is_organisation(rest):
        return _EMPTY  # "Theo đó, …" begins a sentence
    author, organisation = _parse_names(rest)
    if author is None or organisation or _is_person(rest):
        return author, organisation
    if is_label or (rest[0].isupper() and (_NON_ASCII.search(rest) or not rest.istitle())):
        return None, author
    return line, None


def _parse_names(line: str) -> Byline:
    line = _ROLE_NOTE.sub("", line).strip(_EDGES)
    if is_nobody(line):
        return _EMPTY
    brackets = _WITH_BRACKETS.fullmatch(line)
    if brackets and _is_organisation(brackets["within"].strip()):
        author, organisation = _parse_names(brackets["before"])
        return author, organisation or brackets["within"].strip()
    parts = _PART_SEPARATOR.split(line)  # parts at even positions, separators at odd ones
    start = next((at for at in range(0, len(parts), 2) if _is_organisation(parts[at])), None)
    if start is None:
        return _join_persons(parts), None
    end = next((at for at in range(start + 2, len(parts), 2) if _is_person(parts[at])), len(parts))
    before, after = _join_persons(parts[:start]), _join_persons(parts[end:])
    return ", ".join(filter(None, (before, after))) or None, "".join(parts[start:end]).strip(_EDGES) or None


def _join_persons(parts: list[str]) -> str | None:
    """Return the names with the separators between them, as written; None if one of them is no name."""
    line = "".join(parts).strip(_EDGES)
    names = [part.strip(_EDGES) for part in parts[::2]]
    return line if line and not is_nobody(line) and all(map(_is_name, filter(None, names))) else None


def _is_person(text: str) -> bool:
    """Return whether it is a full Vietnamese name, with or without a title before it."""
    name = text[title.end() :] if (title := _TITLE.match(text)) else text
    words = name.split()
    return (
        len(words) in _PERSON_WORDS
        and words[0].lower() in _FAMILY_NAMES
        and all(word[0].isupper() for word in words)
        and name.lower() not in _PLACES_LIKE_PERSONS
        and not _ORGANISATION_HEAD.match(name)
    )


def _is_organisation(text: str) -> bool:
    """Return whether it is an office, a body, a company or the press; a person's position in one is not."""
    if text.lower() in _PRESS or _DOMAIN.fullmatch(text) or _ORGANISATION_HEAD.match(text):
        return True
    if _POSITION.match(text) or _is_person(text):
        return False
    if _LONG_ORGANISATION_HEAD.match(text) and len(text.split()) >= _LONG_ORGANISATION:
        return True
    return bool(_ORGANISATION_WORD.search(text))


def is_nobody(name: str) -> bool:
    """Return whether it is what programs write for a missing name, or one of their accounts."""
    return name.lower().strip(".") in _PLACEHOLDERS or _ACCOUNT.fullmatch(name.strip(" .*")) is not None


def _is_name(text: str) -> bool:
    """Return whether a person could be called so; sentences, addresses and `admin` are no names."""
    words = text.split()
    if is_nobody(text) or "://" in text or "www." in text or len(text) > _MAX_NAME:
        return False
    if not any(char.isalpha() for char in text) or len(words) > _MAX_NAME_WORDS:
        return False
    capitals = sum(word[0].isupper() for word in words)
    return len(words) <= _SHORT_NAME or 2 * capitals >= len(words)
