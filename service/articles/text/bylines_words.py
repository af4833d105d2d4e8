"""The words by which a person, an organisation and nobody at all are told apart in a line of authors.

Vietnamese words are compared with their marks: Phương is a name, phường is not.
"""

import re


def _phrases(phrases: str) -> frozenset[str]:
    return frozenset(phrases.split("|"))


_FAMILY_NAMES = _phrases(
    "nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|lý|đinh|trương|lâm|đoàn|trịnh|mai"
    "|đào|tô|tạ|hà|lương|vương|thái|cao|châu|tống|quách|la|kiều|chu|tăng|thân|triệu|từ|đàm|lưu|phùng|văn|hứa"
    "|khổng|mạc|nghiêm|ông|quan|thạch|tiêu|ninh|cù|doãn|bạch|âu|giang|khuất|lại|lò|mã|nông|quàng|sầm|vi|viên"
)
_TOWNS_LIKE_PERSONS = _phrases(
    "hà nội|hà nam|hà tĩnh|hà giang|hà đông|hồ chí minh|cao bằng|cao lãnh|lâm đồng|lý sơn|thái bình"
    "|thái nguyên|châu đốc|mai châu|ninh bình|ninh thuận"
)
_TITLE = re.compile(
    r"(?:(?:pgs|gs|ths|ts|bs|cn|ks|ls|nb|pv|ctv|btv)\.?,?\s*+"
    r"|(?:ông|bà|nhà báo|phóng viên|cộng tác viên)\s++)+(?=\S)",
    re.IGNORECASE,
)
_PERSON_WORDS = range(2, 7)
_MOST_WORDS = 8  # in one person's name, with a title
_LONGEST = 80  # characters of it
_NAMES_ARE_SHORT = 4  # words; more of them are capitalised in a name, but not in a sentence

_NOBODY = _phrases(
    "admin|administrator|webmaster|root|user|guest|unknown|anonymous|n/a|na|null|none|undefined|test|noreply"
    "|no-reply|author|superuser|host|internet|quản trị|quản trị viên|người quản trị|ẩn danh|khuyết danh"
    "|đang cập nhật|tác giả|tổng hợp|sưu tầm|t/h"
)

_PRESS = _phrases(
    "ttxvn|vov|vtv|vna|vnexpress|vietnamnet|vietnam+|vietnamplus|dân trí|tuổi trẻ|thanh niên|tiền phong"
    "|lao động|nhân dân|zing|znews|zing news|tto|nlđo|tno|reuters|afp|ap|bbc|cnn|tass|sputnik|xinhua"
    "|bloomberg|kyodo|yonhap|associated press|bbt|pv|ctv|btv|nhóm pv|nhóm phóng viên|ban biên tập"
    "|tòa soạn|toà soạn|phóng viên"
)
_DOMAIN = re.compile(r"(?!www\.)[\w.-]+\.(?:vn|com|net|org|info|asia|gov|edu)(?:\.vn)?", re.IGNORECASE)

# What begins so is an organisation.
_HEADS = re.compile(
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
# These only in a name of three words or more: "Ban Mai" is a pen name.
_HEADS_OF_LONG_NAMES = re.compile(
    r"(?:ban|bộ|đài|báo|hội|cục|vụ|viện|học viện|xã|phường|quận|huyện|tỉnh|thành phố|thị xã|thị trấn|tp\.?"
    r"|khối)\s",
    re.IGNORECASE,
)
_LONG_NAME = 3  # words
_ANYWHERE = re.compile(
    r"(?<!\w)(?:UBND|HĐND|UBMTTQ\w*|MTTQ\w*|TTĐT|LHPN|LĐLĐ|BQL|BCH|PTTH|PT-TH|TNCS"
    r"|(?i:press|news|newsroom|newspaper|editorial|staff|ministry|department|university|agency|office|team"
    r"|inc|ltd|gmbh))(?!\w)"
)
_POSITION = re.compile(
    r"(?:phó|chủ tịch|giám đốc|trưởng|bí thư|chánh|nguyên|hiệu trưởng|chủ nhiệm|ủy viên|tổng biên tập"
    r"|đại biểu|chuyên viên|cán bộ|director|head|chair|mayor|reporter|editor)(?!\w)",
    re.IGNORECASE,
)


def is_person(text: str) -> bool:
    """Whether it is a Vietnamese name in full, with or without a title before it."""
    name = text[title.end() :] if (title := _TITLE.match(text)) else text
    words = name.split()
    return (
        len(words) in _PERSON_WORDS
        and words[0].lower() in _FAMILY_NAMES
        and all(word[0].isupper() for word in words)
        and name.lower() not in _TOWNS_LIKE_PERSONS
        and not _HEADS.match(name)
    )


def is_press(text: str) -> bool:
    """Whether it is a paper, an agency or its unnamed staff, or a site's address."""
    return text.lower() in _PRESS or bool(_DOMAIN.fullmatch(text))


def is_organisation(text: str) -> bool:
    """Whether it is a department, a body, a company, the press; a person's position in one is not."""
    if is_press(text) or _HEADS.match(text):
        return True
    if _POSITION.match(text) or is_person(text):
        return False
    if _HEADS_OF_LONG_NAMES.match(text) and len(text.split()) >= _LONG_NAME:
        return True
    return bool(_ANYWHERE.search(text))


def is_nobody(text: str) -> bool:
    """Whether it is what programs write where nobody is named: `admin`, `N/A`."""
    return text.lower().strip(".") in _NOBODY


def is_a_name(text: str) -> bool:
    """Whether a person could be called so; a sentence, an address and `admin` are no names."""
    words = text.split()
    if is_nobody(text) or "://" in text or "www." in text or len(text) > _LONGEST:
        return False
    if not any(letter.isalpha() for letter in text) or len(words) > _MOST_WORDS:
        return False
    capitals = sum(word[0].isupper() for word in words)
    return len(words) <= _NAMES_ARE_SHORT or 2 * capitals >= len(words)
