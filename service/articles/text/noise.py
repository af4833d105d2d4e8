"""What stands around an article's text and is none of it: buttons, credits, a paper's sign."""

import re
from collections.abc import Iterable

from service.articles.text.tags import LINK
from service.articles.text.unicode import SPACE_BEFORE

_BUTTONS = (
    r"(?:xem thêm|xem tiếp|xem chi tiết|xem toàn văn|đọc tiếp|đọc thêm|chi tiết|quay lại|trở lại|trở về"
    r"|về trang trước|in trang(?: này)?|in bài viết|gửi email|chia sẻ|lưu bài viết|bình luận"
    r"|read more|continue reading|more|back|print|share)"
)
_AFTER_BUTTONS = rf"(?:[^\S{LINK}]|[.:…→←«»<>\u203a\u2039|\[\]()-])*+"  # LINK is white space, to Python
_BUTTON_LINK = re.compile(rf"{LINK}{_AFTER_BUTTONS}{_BUTTONS}{_AFTER_BUTTONS}{LINK}", re.IGNORECASE)
_BUTTON = re.compile(rf"{_AFTER_BUTTONS}{_BUTTONS}{_AFTER_BUTTONS}", re.IGNORECASE)
_CREDIT_WORDS = (
    r"(?:ảnh(?: minh họa| minh hoạ| tư liệu| chụp màn hình)?|nguồn(?: ảnh)?|hình|đồ họa|video|clip"
    r"|photo(?: by)?)"
)
_CREDIT_LINE = re.compile(
    rf"\(?{_CREDIT_WORDS}(?:\s*+[:/]\s*+(?:[^.!?]|\.(?!\s)){{0,80}}[.)]*+|\)?\.?)", re.IGNORECASE
)
_CREDIT = rf"\({_CREDIT_WORDS}\s*+(?::[^()]{{0,80}}+)?\)"
_CREDIT_AT_THE_END = re.compile(rf"{SPACE_BEFORE}{_CREDIT}\s*+\.?+$", re.IGNORECASE)
_CREDIT_AT_THE_START = re.compile(rf"^{_CREDIT}\s*+\.?+\s*+", re.IGNORECASE)
_CAPTION_WITH_CREDIT = re.compile(rf"[^.!?]{{0,200}}[.!?]?+\s{{0,9}}+{_CREDIT}\s*+\.?+", re.IGNORECASE)
_TO_BE_CONTINUED = re.compile(
    r"(?:(?<=[.!?…”\"»)\]])|(?<=\.\.\.))\s*+[\[(]?(?:Xem thêm|Xem tiếp|Xem chi tiết|Đọc tiếp|Quay lại"
    r"|Read more|Continue reading)[\s.…»→>\])]*$"
)
_ELLIPSIS = re.compile(rf"{SPACE_BEFORE}\[\s*+(?:…|\.\.\.)\s*+\]\s*+$")
_SIGN_OF_THE_PAPER = re.compile(r"^\([A-ZĐ][^()\d]{1,25}\)\s*+[-\u2013\u2014]\s++(?=\S)")
_FOOTER = "The post "  # … appeared first on …: what WordPress writes behind an excerpt
_IN_THE_FOOTER = (" appeared first on ", " first appeared on ")
_LONGEST_TITLE, _LONGEST_SITE = 300, 200  # characters, in such a footer


def without_buttons(piece: str) -> str:
    """A block without the links in it that only say "more" or "back"."""
    return _BUTTON_LINK.sub(" ", piece) if LINK in piece else piece


def without(lines: Iterable[str]) -> str:
    """The blocks of a text as one line, without those that are no text of the article."""
    kept = [
        line for line in lines if line and not _BUTTON.fullmatch(line) and not _CREDIT_LINE.fullmatch(line)
    ]
    prose = [line for line in kept if not _CAPTION_WITH_CREDIT.fullmatch(line)]
    text = " ".join(prose or kept)
    text = _CREDIT_AT_THE_END.sub("", _TO_BE_CONTINUED.sub("", _without_footer(text)))
    text = _ELLIPSIS.sub("…", text)
    return _SIGN_OF_THE_PAPER.sub("", _CREDIT_AT_THE_START.sub("", text)).strip()


def _without_footer(text: str) -> str:
    """Looks at the end only, where the footer is."""
    starts = []
    for said in _IN_THE_FOOTER:
        end = text.rfind(said, max(0, len(text) - _LONGEST_SITE - len(said)), len(text) - 1)
        start = text.find(_FOOTER, max(0, end - _LONGEST_TITLE - len(_FOOTER)), max(0, end - 1))
        starts += [start] if start >= 0 else []
    return text[: min(starts)].rstrip() if starts else text
