"""Plain text of what portals write: titles, leads, names. It is text: it is escaped where it is shown."""

import re

from service.articles.text import noise, tags, unicode

_LONGEST_TITLE = 300  # characters
_LONGEST_READ = 200_000  # characters of markup that a title or lead is looked for in
_SENTENCE_END = re.compile(r"[.!?…][\"'”\u2019»)\]]*(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"])(?:[^\W\d_]|\d{1,3}|TP|TX|TT|ĐK|KP|ThS|TS|BS|CN|KS|GS|PGS|NSND|NSƯT|Th\.S|Mrs?|Ms|Dr|St|No"
    r"|v\.v)\.$"
)
_DANGLING = " \t,;:\u2013\u2014-/(“\"'[«"  # what a text that goes on with … does not end with
_CLINGING = re.compile(  # what belongs to the character before it
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31-\u0e4e"
    r"\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
    r"\U0001f3fb-\U0001f3ff]"
)
_JOINER = "\u200d"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def plain(markup: str) -> str:
    """What a reader sees, as one line: no markup, no entities (even escaped twice), NFC, all visible."""
    return _one_line(tags.stripped(markup))


def beginning(markup: str) -> str:
    """The same of the first 200,000 characters of markup: what stands in thousands of elements is no name."""
    return plain(markup[:_LONGEST_READ])


def title(markup: str) -> str:
    """A title as plain text; one that is too long to be a title is cut at a word."""
    return _cut_at_a_word(beginning(markup), _LONGEST_TITLE)


def lead(markup_or_text: str, limit: int = 300) -> str:
    """A snippet of at most `limit` characters, cut at a sentence's end, else at a word (with …).

    Captions, credits, "Xem thêm", "Quay lại" and a paper's own sign before the text are left out.
    """
    markup = tags.without_data(markup_or_text)[:_LONGEST_READ]
    return _cut(
        noise.without(_one_line(noise.without_buttons(piece)) for piece in tags.pieces(markup)), limit
    )


def _one_line(text: str) -> str:
    return " ".join(unicode.visible(text).split())


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    within = text[: limit + 1]
    ends = [end.end() for end in _SENTENCE_END.finditer(within) if not _abbreviates(within, end.start())]
    if ends and limit // 2 <= ends[-1] <= limit:
        return text[: ends[-1]]
    return _cut_at_a_word(text, limit)


def _abbreviates(text: str, stop: int) -> bool:
    return text[stop] == "." and bool(_ABBREVIATION.search(text[max(0, stop - 8) : stop + 1]))


def _cut_at_a_word(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    space = text.rfind(" ", 0, limit)  # leaves room for the sign that it goes on
    end = space if space > limit // 3 else _between_letters(text, limit - 1)
    return f"{text[:end].rstrip(_DANGLING)}…" if end > 0 else ""


def _between_letters(text: str, end: int) -> int:
    """The nearest place up to `end` that is not inside a letter, flag or emoji."""
    while end > 0 and (_CLINGING.match(text[end]) or text[end - 1] == _JOINER or _splits_a_flag(text, end)):
        end -= 1
    return end


def _splits_a_flag(text: str, end: int) -> bool:
    """Flags are pairs of letters from one range; in a row of them the first begins a pair."""
    row = end - len(text[:end].rstrip(_FLAG_LETTERS))
    return text[end] in _FLAG_LETTERS and row % 2 == 1
