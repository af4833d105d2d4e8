"""Plain text from markup: titles, leads, names. It is not HTML: escape it where it is shown.

Tags are removed in one pass, in time linear in the length of the markup whatever it nests. Every string that
enters is cleaned: NFC, no characters that cannot be seen or stored. It goes through one of `remove_controls`
(identifiers, markup), `visible_text` (what readers see) or `urls.normalise_url`.
"""

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from service.core.folding import PLANE_ENDS, without_controls

# Use instead of a leading `\s*` in a pattern that is searched for. White space before a match belongs to it
# from the first character on, and no position inside a run of it is tried again: linear, where `\s*` is
# quadratic.
SPACE_BEFORE = r"(?:(?<!\s)\s++)?+"

_LONG_MARK_RUN = re.compile(r"[^\w\x00-\u02ff]{31,}")  # 30 is the bound of Stream-Safe Text (UAX #15)
# C1 controls are quotation marks and dashes of Windows-1252 that were decoded as Latin-1 somewhere on the
# way.
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_C1_CONTROL = re.compile(r"[\x80-\x9f]")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
# Controls, soft hyphen, zero-width and direction marks, tags, surrogates, noncharacters.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    rf"\ufff0-\ufffb{PLANE_ENDS}\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e00ff]+"
)
# Joiners shape Arabic, Indic scripts and emoji; between Latin letters they are invisible and defeat
# comparison.
_JOINING_SCRIPTS = r"[\u0590-\u1cff\u2190-\u2bff\ufb1d-\ufeff\U00010000-\U0010ffff]"
_IDLE_JOINER = re.compile(rf"(?<!{_JOINING_SCRIPTS})[\u200c\u200d]|[\u200c\u200d](?!{_JOINING_SCRIPTS})")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)


def to_nfc(text: str) -> str:
    """Return the text in NFC.

    Runs of dozens of combining marks are removed first: sorting them takes quadratic time.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _LONG_MARK_RUN.sub(_remove_marks, text))


def remove_controls(text: str) -> str:
    """Return the text without controls, lone surrogates and noncharacters: for identifiers and markup."""
    return without_controls(text if text.isascii() else _C1_CONTROL.sub(_from_windows_1252, text))


def one_line(text: str) -> str:
    """Return an identifier without controls, on one line."""
    return _LINE_BREAKS.sub(" ", remove_controls(text)).strip()


def visible_text(text: str) -> str:
    """Return the text in NFC, without controls, zero-width and direction marks and unassigned positions."""
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text
    return to_nfc(_IDLE_JOINER.sub("", text.translate(_WINDOWS_1252)))


def is_language_tag(text: str) -> bool:
    """Return whether the text has the form of a BCP 47 tag, as pages write it into `lang`."""
    return _LANGUAGE_TAG.fullmatch(text) is not None


def _from_windows_1252(control: re.Match[str]) -> str:
    return _WINDOWS_1252[ord(control[0])]


def _remove_marks(run: re.Match[str]) -> str:
    return "".join(char for char in run[0] if not unicodedata.combining(char))


_MAX_MARKUP = 200_000  # characters searched for a title or a lead
_MAX_TITLE = 300  # characters
_MAX_SNIPPET = 300  # characters
_MAX_LEAD = 3_000  # characters; more is no lead
_LINK_MARK = "\x1f"  # marks in extracted text where a link begins or ends
_BREAK = "\n"  # and where a block does

_ATTRIBUTE = r"[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>]*+))?+"
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|(?P<data><!\[CDATA\[|\]\]>)"
    r"|<(?P<name>/?[a-zA-Z][^\s/>]*+)(?P<rest>(?:[\s/]++|" + _ATTRIBUTE + r")*+)(?P<end>>|\Z)"
    r"|</?[!?][^>]*+(?:>|\Z)",
    re.DOTALL,
)


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_INLINE = _names(  # no word ends at these tags
    "a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark nobr q s samp"
    " small span strike strong sub sup time tt u var wbr o:p"
)
_HIDDEN = _names(  # their content is dropped with them
    "script style template noscript iframe noframes noembed object svg math select textarea audio video"
    " canvas head button"
)
_HIDDEN_OR_CAPTION = _HIDDEN | {"figure", "figcaption", "caption"}
_CLASS_VALUE = re.compile(r"\bclass\s*+=[\"'\s]*+([^\"'>]*+)", re.IGNORECASE)
_MORE_CLASS = re.compile(  # of a link behind a cut text
    r"(?<![\w-])(?:more-?link|(?:link-?)?read-?more(?:-?link)?|xem-?(?:tiep|them)|doc-?(?:tiep|them)|excerpt-?more)(?![\w-])",
    re.IGNORECASE,
)
_MAX_MORE_LINK = 600  # characters of markup
CAPTION_CLASS = re.compile(r"caption|chu-?thich|photo-?credit", re.IGNORECASE)
_CLOSING = re.compile(r"</([a-zA-Z][^\s/>]*+)")
_ESCAPED_MARKUP = re.compile(  # what shows that the markup had been escaped twice
    r"</(?:p|a|b|i|em|strong|span|div|font|u|h[1-6]|li|ul|ol|td|tr|table|figure|script|style)\s*+>"
    r"|<(?:br|img|p)\b[^<>]*+>|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});",
    re.IGNORECASE,
)
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")  # no character, and too long for int()
_DATA_URL = re.compile(r"data:[\w/+.-]*;base64,[\w+/=%\s]{64,}+")

_MORE_WORDS = (
    r"(?:(?:xem|đọc) (?:tiếp|thêm|chi tiết|đầy đủ|toàn (?:bộ|văn)(?: bài viết)?|bài viết)|tiếp tục đọc"
    r"|continue reading|read (?:more|on|the (?:rest|full)|full)|more details)"
)
_BUTTON_WORDS = (
    rf"(?:{_MORE_WORDS}|chi tiết|quay lại|trở lại|trở về"
    r"|về trang trước|in trang(?: này)?|in bài viết|gửi email|chia sẻ|lưu bài viết|bình luận"
    r"|more|back|print|share)"
)
_DECORATION = rf"(?:[^\S{_LINK_MARK}]|[.:…→←«»<>\u203a\u2039|\[\]()-])*+"  # the mark counts as \s
_BUTTON_TEXT = rf"{_DECORATION}{_BUTTON_WORDS}{_DECORATION}"
_BUTTON_LINK = re.compile(rf"{_LINK_MARK}{_BUTTON_TEXT}{_LINK_MARK}", re.IGNORECASE)
_MORE_LINK = re.compile(  # with the article's title in it
    rf"{_LINK_MARK}{_DECORATION}{_MORE_WORDS}\b[^{_LINK_MARK}]{{0,400}}+{_LINK_MARK}", re.IGNORECASE
)
_BUTTON = re.compile(_BUTTON_TEXT, re.IGNORECASE)
_CREDIT_WORDS = (
    r"(?:ảnh(?: minh họa| minh hoạ| tư liệu| chụp màn hình)?|nguồn(?: ảnh)?|hình|đồ họa|video|clip"
    r"|photo(?: by)?)"
)
_CREDIT_LINE = re.compile(
    rf"\(?{_CREDIT_WORDS}(?:\s*+[:/]\s*+(?:[^.!?]|\.(?!\s)){{0,80}}[.)]*+|\)?\.?)", re.IGNORECASE
)
_CREDIT_NOTE = rf"\({_CREDIT_WORDS}\s*+(?::[^()]{{0,80}}+)?\)"
_CREDIT_END = re.compile(rf"{SPACE_BEFORE}{_CREDIT_NOTE}\s*+\.?+$", re.IGNORECASE)
_CREDIT_START = re.compile(rf"^{_CREDIT_NOTE}\s*+\.?+\s*+", re.IGNORECASE)
_CAPTION_WITH_CREDIT = re.compile(rf"[^.!?]{{0,200}}[.!?]?+\s{{0,9}}+{_CREDIT_NOTE}\s*+\.?+", re.IGNORECASE)
_CONTINUE = re.compile(  # "Xem thêm" behind the last sentence
    r"(?:(?<=[.!?…”\"»)\]])|(?<=\.\.\.))\s*+[\[(]?(?:Xem (?:thêm|tiếp|chi tiết)|Đọc (?:tiếp|thêm)|Quay lại"
    r"|Read more|Continue reading)[\s.…»→>\])]*$"
)
_CONTINUE_LINE = re.compile(r"continue reading\b", re.IGNORECASE)
_NO_TEXT = " .…[]()→»\u2039\u203a-"
_CONTINUE_TITLE = re.compile(  # and, behind a cut, with the article's title
    rf"(?:(?<=…)|(?<=\.\.\.)|(?<=[…\.][\])]))\s*+[\[(<→»]?\s?{_MORE_WORDS}\b.{{0,400}}$"
    r"|\sContinue reading\b.{0,400}$",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(rf"{SPACE_BEFORE}\[\s*+(?:…|\.\.\.)\s*+\]\s*+$")
_DAY = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_BODY_LABEL = r"(?:body|nội dung|page content|nội dung trang)\s?:"
_EXPIRES_LABEL = r"(?:expires|expiration date|expiry date|(?:ngày )?hết hạn|ngày hết hiệu lực)\s?:"
_BODY = re.compile(_BODY_LABEL, re.IGNORECASE)
_EXPIRES = re.compile(rf"{_EXPIRES_LABEL}(?:\s{_DAY}.{{0,20}})?", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"(?:created|modified|title|category|attachments|content type|version|approval status|ngày tạo|tạo bởi"
    r"|sửa đổi|tiêu đề|đính kèm|loại nội dung|phiên bản)\s?:.{0,200}",
    re.IGNORECASE,
)
_BODY_BEFORE = re.compile(r"(?:body|page content)\s?:\s*+", re.IGNORECASE)
_FIELDS = re.compile(  # all on one line
    rf"{_BODY_LABEL}\s*+(?P<body>.*?)\s{_EXPIRES_LABEL}\s*+{_DAY}.{{0,20}}", re.IGNORECASE | re.DOTALL
)
_AGENCY = re.compile(r"^\([A-ZĐ][^()\d]{1,25}\)\s*+[-\u2013\u2014]\s++(?=\S)")  # "(TTXVN) - …"
# WordPress appends "The post … appeared first on …" to excerpts.
_FOOTERS = (
    ("The post ", " appeared first on "),
    ("The post ", " first appeared on "),
    ("Bài viết ", " đã xuất hiện đầu tiên "),
    ("Bài viết ", " appeared first on "),
)
_MAX_FOOTER_TITLE, _MAX_FOOTER_SITE = 300, 200  # characters

_SENTENCE_END = re.compile(r"[.!?…][\"'”\u2019»)\]]*(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"])(?:[^\W\d_]|\d{1,3}|TP|TX|TT|ĐK|KP|ThS|TS|BS|CN|KS|GS|PGS|NSND|NSƯT|Th\.S|Mrs?|Ms|Dr|St|No"
    r"|v\.v)\.$"
)
_DANGLING = " \t,;:\u2013\u2014-/(“\"'[«"  # removed before an ellipsis
_EXTENDING = re.compile(  # characters that belong to the one before: marks, joiners, skin tones
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31-\u0e4e"
    r"\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
    r"\U0001f3fb-\U0001f3ff]"
)
_JOINER = "\u200d"
_REGIONAL_INDICATORS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def from_markup(markup: str) -> str:
    """Return what a reader sees, on one line: without tags and entities (even escaped twice), in NFC."""
    return _one_line(_strip_tags(markup, _HIDDEN, with_captions=True).replace(_LINK_MARK, ""))


def from_long_markup(markup: str) -> str:
    """Return the plain text of the first 200,000 characters of markup: no name or date needs more."""
    return from_markup(markup[:_MAX_MARKUP])


def title(markup: str) -> str:
    """Return a title as plain text, cut at a word after 300 characters."""
    return _cut_at_word(from_long_markup(markup), _MAX_TITLE)


def lead(markup_or_text: str, limit: int = _MAX_SNIPPET) -> str:
    """Return the snippet of a text: its lead, cut at a sentence's end, else at a word (with …)."""
    return snippet(whole_lead(markup_or_text), limit)


def whole_lead(markup_or_text: str) -> str:
    """Return a lead as plain text; only after 3,000 characters it is cut at a word.

    Captions, credits, buttons such as "Xem thêm" and an agency's sign before the text are left out.
    """
    markup = remove_data_urls(markup_or_text)[:_MAX_MARKUP]
    blocks = _strip_tags(markup, _HIDDEN_OR_CAPTION, with_captions=False).split(_BREAK)
    lines = (
        _one_line(_BUTTON_LINK.sub(" ", _MORE_LINK.sub(" ", block)) if _LINK_MARK in block else block)
        for block in blocks
        if block.strip(_LINK_MARK + " ")
    )
    return _cut_at_word(_article_text(lines), _MAX_LEAD)


def snippet(text: str, limit: int = _MAX_SNIPPET) -> str:
    """Return a plain text cut to so many characters: at a sentence's end, else at a word (with …)."""
    if len(text) <= limit:
        return text
    within = text[: limit + 1]
    ends = [end.end() for end in _SENTENCE_END.finditer(within) if not _is_abbreviation(within, end.start())]
    if ends and limit // 2 <= ends[-1] <= limit:
        return text[: ends[-1]]
    return _cut_at_word(text, limit)


def is_footer(line: str) -> bool:
    """Return whether it is WordPress's line behind a text: "The post … appeared first on …"."""
    return bool(line) and not _without_footer(line + ".")


def field_labels(lines: Sequence[str]) -> frozenset[int]:
    """Return which lines are labels and dates of the fields that SharePoint shows: "Body:", "Expires: …".

    "Nội dung:" is one only above everything, or where a line tells when the text expires.
    """
    expiries = {number for number, line in enumerate(lines) if _EXPIRES.fullmatch(line)}
    bodies = {
        number
        for number, line in enumerate(lines)
        if _BODY.fullmatch(line) and (number == 0 or expiries or line[0] in "Bb")
    }
    others = {number for number, line in enumerate(lines) if bodies and _OTHER_FIELD.fullmatch(line)}
    return frozenset(expiries | bodies | others)


def remove_data_urls(markup: str) -> str:
    """Return the markup without the bytes of images that are written into `data:` URLs."""
    return _DATA_URL.sub("data:,", markup)


def unescape(text: str) -> str:
    """Return the text with its character references resolved."""
    # html.unescape itself raises for a reference with thousands of digits.
    return html.unescape(_HUGE_REFERENCE.sub("\ufffd", text)) if "&" in text else text


def _one_line(text: str) -> str:
    return " ".join(visible_text(text).split())


def _strip_tags(markup: str, hidden: frozenset[str], *, with_captions: bool) -> str:
    """Return the text with _BREAK at the edges of blocks and _LINK_MARK at those of links."""
    for char in (_LINK_MARK, _BREAK):
        markup = markup.replace(char, " ")
    text = unescape(_without_tags(markup, hidden, with_captions=with_captions))
    if _ESCAPED_MARKUP.search(text):
        text = unescape(_without_tags(text, hidden, with_captions=with_captions))
    return text


def _without_tags(markup: str, hidden: frozenset[str], *, with_captions: bool) -> str:
    parts: list[str] = []
    closing_tags = _ClosingTags(markup)
    position, in_cdata = 0, False
    while match := _TAG.search(markup, position):
        parts.append(markup[position : match.start()])
        position = match.end()
        name = (match["name"] or "").lower()
        if match["data"]:
            in_cdata, was_in_cdata = match["data"] != "]]>", in_cdata
            parts.append("" if in_cdata or was_in_cdata else match[0])
        elif not name:  # a comment or declaration
            parts.append(" ")
        elif not match["end"] and not match["rest"]:
            parts.append(match[0])  # "a <b" at the very end of a text is no tag
        elif name in hidden or (not with_captions and _is_caption(match["rest"])):
            parts.append(_BREAK)
            position = closing_tags.end_after(name, position)
        elif not with_captions and _is_more_link(match["rest"]):
            end = closing_tags.end_after(name, position)
            parts.append(" ")
            position = end if end - position <= _MAX_MORE_LINK else position
        else:
            name = name.removeprefix("/")
            parts.append(_LINK_MARK if name == "a" else "" if name in _INLINE else _BREAK)
    parts.append(markup[position:])
    return "".join(parts)


def _is_caption(attributes: str) -> bool:
    return any(CAPTION_CLASS.search(value[1]) for value in _CLASS_VALUE.finditer(attributes))


def _is_more_link(attributes: str) -> bool:
    return any(_MORE_CLASS.search(value[1]) for value in _CLASS_VALUE.finditer(attributes))


class _ClosingTags:
    """The positions of all closing tags, collected once, when the first of them is needed.

    Searching for the end of each element takes quadratic time where there is no end.
    """

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._starts: dict[str, list[int]] | None = None

    def end_after(self, name: str, position: int) -> int:
        """Return the end of the element opened before `position`; `position` itself for an unclosed one."""
        if self._starts is None:
            self._starts = {}
            for closing in _CLOSING.finditer(self._markup):
                self._starts.setdefault(closing[1].lower(), []).append(closing.start())
        starts = self._starts.get(name, [])
        index = bisect_left(starts, position)
        end = self._markup.find(">", starts[index]) if index < len(starts) else -1
        if end >= 0:
            return end + 1
        return len(self._markup) if name in ("script", "style") else position


def _article_text(lines: Iterable[str]) -> str:
    """Join the blocks of a text without those that are buttons, captions and credits."""
    lines = [line for line in lines if line]
    labels = field_labels(lines)
    candidates = [
        line
        for number, line in enumerate(lines)
        if number not in labels
        and not _BUTTON.fullmatch(line)
        and not _CREDIT_LINE.fullmatch(line)
        and not _CONTINUE_LINE.match(line)
    ]
    prose = [line for line in candidates if not _CAPTION_WITH_CREDIT.fullmatch(line)]
    text = _without_footer(" ".join(prose or candidates))
    fields = _FIELDS.fullmatch(text)
    text = (
        fields["body"]
        if fields
        else _BODY_BEFORE.sub("", text, count=1)
        if _BODY_BEFORE.match(text)
        else text
    )
    text = _CONTINUE_TITLE.sub("", _CREDIT_END.sub("", _CONTINUE.sub("", text)))
    text = _ELLIPSIS.sub("…", text)
    text = text[:-1] if text.endswith((".…", "!…", "?…")) else text
    text = _AGENCY.sub("", _CREDIT_START.sub("", text)).strip()
    return text if text.strip(_NO_TEXT) else ""


def _without_footer(text: str) -> str:
    """Remove WordPress's footer; `rfind` within bounds, as a regex would be quadratic."""
    starts = []
    for beginning, middle in _FOOTERS:
        end = text.rfind(middle, max(0, len(text) - _MAX_FOOTER_SITE - len(middle)), len(text) - 1)
        start = text.find(beginning, max(0, end - _MAX_FOOTER_TITLE - len(beginning)), max(0, end - 1))
        starts += [start] if start >= 0 else []
    return text[: min(starts)].rstrip() if starts else text


def _is_abbreviation(text: str, stop: int) -> bool:
    return text[stop] == "." and bool(_ABBREVIATION.search(text[max(0, stop - 8) : stop + 1]))


def _cut_at_word(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    space = text.rfind(" ", 0, limit)  # leaves room for the ellipsis
    end = space if space > limit // 3 else _grapheme_boundary(text, limit - 1)
    return f"{text[:end].rstrip(_DANGLING)}…" if end > 0 else ""


def _grapheme_boundary(text: str, end: int) -> int:
    """Return the last position up to `end` that is not inside a letter, flag or emoji."""
    while end > 0 and (_EXTENDING.match(text[end]) or text[end - 1] == _JOINER or _splits_flag(text, end)):
        end -= 1
    return end


def _splits_flag(text: str, end: int) -> bool:
    """Return whether `end` is inside a flag: flags are pairs of letters, counted from the start of a run."""
    before = end - len(text[:end].rstrip(_REGIONAL_INDICATORS))
    return text[end] in _REGIONAL_INDICATORS and before % 2 == 1
