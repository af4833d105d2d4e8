"""Text that was written in one charset and read in another.

`decode` reads bytes that are not what they are declared to be: UTF-8 with bytes of another charset amid it,
and the charsets that Vietnam wrote before Unicode. `repair` undoes what had happened to a text before it was
sent: UTF-8 read as Windows-1252 or -1258 and encoded again, and the letters of TCVN3 and VNI fonts.
"""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from html import unescape
from html.entities import name2codepoint
from itertools import islice

from service.articles.text import plain_text, vietnamese
from service.articles.text.vietnamese import Spelling, is_syllable, spelling_of, to_text

DEFAULT = "cp1252"  # of the web; also declared by default, by sites that write something else

_SEGMENT = re.compile(r'[^<>"\r\n]+')  # of markup or JSON: a text that was written as a whole
_BOUNDARIES = '<>"\r\n'
_SEGMENT_OF_BYTES = re.compile(rb'[^<>"\r\n]+')
_MAX_SAMPLE = 60_000  # bytes by which the charset is judged

_VIETNAMESE = 0.6  # share of the words beyond ASCII that are syllables; foreign names are none
_LEAD = 0.25  # by which that share exceeds the one of the declared charset
_CERTAIN, _CERTAIN_WORDS = 0.9, 3  # of a text that is declared as one in another alphabet
_WINDOWS = (DEFAULT, "cp1258")
_SPARSE = 0.5  # share of all words: an English text with "m²" and "µm" is not Vietnamese
_MANY = 12  # syllables, which do not come by chance
_STRANGE = 0.3  # share of runs of letters and signs beyond ASCII that are too long for Western Europe
_SIGNS = "".join(
    char for char in vietnamese.WINDOWS_1252[0x80:] if char not in "\u2018\u2019“”\u2013\u2014…•\xa0"
)
_RUNS, _LONG_RUN = re.compile(f"[{re.escape(_SIGNS)}]+"), 3
_CHANCE = 10  # bad bytes for each valid character: from here on such characters are there by chance
_DAMAGED = 20  # valid characters for each bad byte: from here on it is UTF-8, whatever is declared


def decode(body: bytes, legacy: str) -> str:
    """Return the text of bytes in UTF-8, or as far as they are not, in `legacy` or what suits them better.

    Args:
        body: the bytes, without a mark.
        legacy: the charset that is declared, other than UTF-8; Windows-1252 where there is none.
    """
    text = body.decode("utf-8", "surrogateescape")
    faults = len(body) - len(text.encode("utf-8", "ignore"))
    if not faults:
        return text
    valid = len(text) - faults - len(text.encode("ascii", "ignore"))
    # What is in another alphabet may look like UTF-8 here and there; Vietnamese hardly does.
    is_legacy = valid <= faults * _DAMAGED if not vietnamese.is_latin(legacy) else valid * _CHANCE < faults
    if is_legacy:
        return to_text(body, _choose_codec(_sample(body), legacy))
    codec, budget = _codec_of_faults(text, legacy), iter(range(_MAX_JUDGED))
    return _SEGMENT.sub(partial(_decode_segment, legacy=codec, budget=budget), text)


def _sample(body: bytes) -> bytes:
    """Return the first texts that are not ASCII."""
    parts: list[bytes] = []
    size = 0
    for match in _SEGMENT_OF_BYTES.finditer(body):
        if not match[0].isascii():
            parts.append(match[0][:_MAX_SAMPLE])
            size += len(match[0])
        if size > _MAX_SAMPLE:
            break
    return b"\n".join(parts)


def _choose_codec(sample: bytes, declared: str) -> str:
    """Return the declared charset, or the one in which the sample is Vietnamese, and clearly more so."""
    text = to_text(sample, declared)
    best, spelling = declared, _spelling(text)
    needed = spelling.share + _LEAD
    is_sound = not vietnamese.is_latin(declared) and "\ufffd" not in text
    likely = None
    for codec in (DEFAULT, *vietnamese.CODECS):
        other = _spelling(to_text(sample, codec))
        if other.share < needed or other.share < _VIETNAMESE:
            continue
        likely = likely or codec
        if (other.share, other.syllables) > (spelling.share, spelling.syllables) and _is_evidence(
            other, codec, is_sound=is_sound
        ):
            best, spelling = codec, other
    if best == DEFAULT and _is_strange(to_text(sample, DEFAULT)):
        return likely or "utf-8"
    return best


def _is_strange(text: str) -> bool:
    """Return whether a text in Windows-1252 is none: it is in another alphabet, which was not declared."""
    runs = _RUNS.findall(text)
    return sum(len(run) >= _LONG_RUN for run in runs) > _STRANGE * len(runs)


def _spelling(text: str) -> Spelling:
    return spelling_of(plain_text.to_nfc(unescape(text) if "&" in text else text))


def _is_evidence(spelling: Spelling, codec: str, *, is_sound: bool) -> bool:
    """Return whether a text in this charset is Vietnamese; `is_sound` where it is one in another alphabet."""
    if is_sound:
        return spelling.share >= _CERTAIN and spelling.syllables >= _CERTAIN_WORDS
    if codec in _WINDOWS:  # which differ in few letters: nothing becomes Vietnamese in them by chance
        return True
    return spelling.syllables > 1 and (spelling.share_of_all > _SPARSE or spelling.syllables >= _MANY)


# Bytes of another charset amid UTF-8, as the lone surrogates by which Python keeps them.

_FAULTS = re.compile("[\udc80-\udcff]+")
_BESIDE = 12  # characters beside a fault that may be of the same word
_WORD_END, _WORD_START = re.compile(r"(?<![^\W\d_])[^\W\d_]*+\Z"), re.compile(r"[^\W\d_]*")
_CUT_BEFORE = re.compile(r"\s?(?:\.\.|…|\[|\Z)")
_LONG = 60  # characters of a text that may have been cut by its bytes
# Controls, and signs that nobody types, or types twice: they are bytes of something else.
_IMPROBABLE = re.compile(
    r"[\x80-\x9f\xa1\xa4\xa6\xa8\xaa\xac\xaf\xb8\xb9\xbf\xde\xfe\xff]"
    r"|[\xa1-\xbf\u201a-\u2021\u02c6\u2030\u2039\u203a]{2}"
)
_MAX_JUDGED = 10_000  # texts and bytes of one document that are weighed by their spelling


def _codec_of_faults(text: str, legacy: str) -> str:
    """Return the charset of those texts within a page of UTF-8 that are in another."""
    others = [match[0] for match in _SEGMENT.finditer(text) if _is_other(match[0])]
    sample = "\n".join(others)[:_MAX_SAMPLE].encode("utf-8", "surrogateescape")
    return _choose_codec(sample, legacy if vietnamese.is_latin(legacy) else DEFAULT)


def _is_other(segment: str) -> bool:
    """Return whether a text has more bad bytes than characters of UTF-8."""
    if segment.isascii():
        return False
    faults = sum(map(len, _FAULTS.findall(segment)))
    return faults > 2 * (len(segment) - faults - len(segment.encode("ascii", "ignore")))


def _decode_segment(match: re.Match[str], legacy: str, budget: Iterator[int]) -> str:
    segment = match[0]
    if segment.isascii() or not _FAULTS.search(segment):
        return segment
    if legacy == "utf-8":
        return to_text(segment.encode("utf-8", "surrogateescape"), legacy)
    if _is_other(segment):
        text = to_text(segment.encode("utf-8", "surrogateescape"), legacy)
        if legacy != DEFAULT or not _IMPROBABLE.search(text):
            return text
    return _FAULTS.sub(partial(_decode_fault, legacy=legacy, budget=budget), segment)


def _decode_fault(match: re.Match[str], legacy: str, budget: Iterator[int]) -> str:
    """Return what some bad bytes amid valid UTF-8 are: by their word, else Windows-1252, else U+FFFD."""
    if next(budget, None) is None:
        return "\ufffd"
    raw = match[0].encode("utf-8", "surrogateescape")
    before = match.string[max(0, match.start() - _BESIDE) : match.start()]
    after = match.string[match.end() : match.end() + _BESIDE]
    if _is_cut(raw) and (len(raw) > 1 or (match.start() > _LONG and _CUT_BEFORE.match(after))):
        return ""
    word_end, word_start = _WORD_END.search(before), _WORD_START.match(after)
    for codec in dict.fromkeys((legacy, "cp1258", DEFAULT)):
        text = to_text(raw, codec)
        whole = f"{word_end and word_end[0]}{text}{word_start and word_start[0]}"
        is_price = text == "₫" and before[-1:].isdigit()
        if is_price or is_syllable(plain_text.to_nfc(whole).lower()):
            return text
    text = to_text(raw, DEFAULT)
    # A letter of HTML before it is a byte of the same character: see `repair`.
    return "\ufffd" if _IMPROBABLE.search(text) and not before.endswith(";") else text


def _is_cut(raw: bytes) -> bool:
    """Return whether it is the beginning of a character of UTF-8 whose end was cut off."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start == 0
    return False


# What had happened to a text before it was sent.

_BYTES_1252 = {
    **{ord(char): byte for byte, char in enumerate(vietnamese.WINDOWS_1252)},
    **{code: code for code in range(0x80, 0xA0)},
}
_BYTES_1258 = {**_BYTES_1252, **{ord(char): byte for byte, char in enumerate(vietnamese.WINDOWS_1258)}}
_FIRST_HIGH, _FIRST_LEAD = 0x80, 0xC0  # between them are the bytes within a character of UTF-8
_HIGH = "".join(chr(code) for code, byte in _BYTES_1258.items() if byte >= _FIRST_HIGH)
_WITHIN = "".join(chr(code) for code, byte in _BYTES_1258.items() if _FIRST_HIGH <= byte < _FIRST_LEAD)
_LATIN_NAMES = {name: chr(code) for name, code in name2codepoint.items() if code in range(0xA0, 0x100)}
_LATIN_REFERENCE = re.compile(
    r"&(?:#(1[6-9]\d|2[0-4]\d|25[0-5])|#[xX]([a-fA-F][\da-fA-F])|([A-Za-z]{3,6}[1-4]{0,2}));"
)

_DOUBLED = re.compile(
    rf"[\xc2-\xf4Ă][{_WITHIN}]|Ä\ufffd|&(?:Atilde|Auml|AElig|Acirc|Aring|aacute|acirc);[&{_HIGH}]"
)
# Those of Vietnamese vowels and of quotation marks; two bytes may be by chance, as in “THỊ XÃ”.
_THREE_BYTES = re.compile(rf"[\xe1\xe2][\xba\xbb\x80€][{_WITHIN}]")
_HIGH_RUN = re.compile(f"[{_HIGH}]+")
_MAX_ENCODINGS = 3  # upon each other
_EXPECTED = re.compile(  # Latin, its marks, punctuation, signs and emoji
    r"[\xa0-\u024f\u0300-\u0323\u1e00-\u1eff\u2000-\u206f\u20ab\u20ac\u2100-\u214f\u2190-\u27bf\ufe0f\ufeff"
    rf"\U0001f000-\U0001faff]+|[{_HIGH}]{{2,}}"  # or what is encoded once more
)

_FONT_LETTERS = re.compile(  # where no language of Western Europe has them; a set at the front makes it fast
    r"[\xa7-\xff&](?:"
    r"(?<=[A-Za-z][\xa7-\xae\xb5-\xb9\xbb-\xbe])(?=[A-Za-zà-ÿ])|(?<=[A-Za-z][\xb5-\xb9])(?!\w)"
    r"|(?<=[a-z][À-Þ])(?=[a-z ])"
    r"|(?<=[\xa7-\xa9\xab\xac\xaeÐð])(?=[a-zà-ÿ])|(?<=[a-zà-ÿ]ð)"
    r"|(?<=[aeyAEY][ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË])|(?<=[oO][âäåøûùÂÄÅØÛÙ])"
    r"|(?<=[uU][øûïØÛÏ])|(?<=[ôöÔÖ][ùøûõïÙØÛÕÏ])"
    r"|(?<=[aâeêoôyõýAÂEÊOÔYÕÝ][ìòÌÒÞþ])|(?<=[iI][òÒÞþ])|(?<=[uU][Þþ])"
    r"|(?<=&)[A-Za-z]{3,6}[1-4]{0,2};(?=[A-Za-z])|(?<=[A-Za-z]&)(?:micro|para|middot|cedil|sup1|\#18[1-5]);)"
)
_MAX_HITS = 300
_MAX_BEFORE = 2_000  # characters of a text before a hit
_UNICODE_VOWEL = re.compile(r"[\u1ea0-\u1ef9]")  # that neither Windows nor a font has


def repair(text: str) -> str:
    """Return the text with UTF-8 that was encoded twice or thrice decoded, and letters of fonts in Unicode.

    What is Vietnamese, or is not clearly more so afterwards, stays as it is.
    """
    if text.isascii() and "&" not in text:
        return text
    budget = iter(range(_MAX_JUDGED))
    for _ in range(_MAX_ENCODINGS):
        if not _DOUBLED.search(text):
            break
        is_doubled = bool(_THREE_BYTES.search(text)) and not _UNICODE_VOWEL.search(text)
        before, text = text, _SEGMENT.sub(partial(_undo_encoding, is_doubled=is_doubled, budget=budget), text)
        if text == before:
            break
    return _undo_font(text) if _FONT_LETTERS.search(text) else text


def _undo_encoding(match: re.Match[str], *, is_doubled: bool, budget: Iterator[int]) -> str:
    """Return a text decoded once more, where that makes it sounder; `is_doubled` where all of its page is."""
    segment = match[0]
    if not _DOUBLED.search(segment):
        return segment
    written = _resolve_latin(segment).replace("Ä\ufffd", "Ä\x90")  # a byte that Windows does not know: Đ
    runs = {run: _decode_run(run) for run in _HIGH_RUN.findall(written)}
    decoded = [text for text in runs.values() if text]
    if not decoded:
        return segment
    text = _HIGH_RUN.sub(lambda run: runs[run[0]] or run[0], written)
    is_whole = len(decoded) == len(runs)
    if is_whole and (is_doubled or _THREE_BYTES.search(written)):
        return text
    if next(budget, None) is None:
        return segment
    before, after = _spelling(written), _spelling(text)
    is_other = before.share < _VIETNAMESE and after.words <= before.words
    return text if after.share > before.share or (is_whole and is_other) else segment


@lru_cache(1_024)
def _decode_run(run: str) -> str | None:
    """Return what a run of characters beyond ASCII is as bytes of UTF-8; None for what is none."""
    for table in (_BYTES_1252, _BYTES_1258):
        try:
            text = run.translate(table).encode("latin-1").decode("utf-8")
        except UnicodeError:
            continue
        if _EXPECTED.fullmatch(text):
            return text
    return None


def _resolve_latin(segment: str) -> str:
    """Return the text with its character references to Latin-1, which no markup is made of, resolved."""
    return _LATIN_REFERENCE.sub(_latin_letter, segment) if "&" in segment else segment


def _latin_letter(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _LATIN_NAMES.get(name, match[0])
    return chr(int(decimal) if decimal else int(hexadecimal, 16))


def _undo_font(text: str) -> str:
    """Return a text of TCVN3 or VNI, or Windows-1258 read as Latin-1, in Unicode."""
    samples = filter(None, map(_bytes_of, _segments_with(_FONT_LETTERS, text)))
    codec = _choose_codec(b"\n".join(samples)[:_MAX_SAMPLE], DEFAULT)
    if codec not in vietnamese.CODECS:
        return text
    is_mixed = bool(_UNICODE_VOWEL.search(text))
    budget = iter(range(_MAX_JUDGED))
    return _SEGMENT.sub(partial(_undo_font_in_segment, codec=codec, is_mixed=is_mixed, budget=budget), text)


def _segments_with(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """Yield the first segments that the pattern is found in, each once."""
    end = 0
    for match in islice(pattern.finditer(text), _MAX_HITS):
        if match.start() >= end:
            start = max(0, match.start() - _MAX_BEFORE)
            start += max(text[start : match.start()].rfind(sign) for sign in _BOUNDARIES) + 1
            found = _SEGMENT.match(text, start)
            end = found.end() if found else match.end()
            yield text[start:end]


def _undo_font_in_segment(match: re.Match[str], codec: str, *, is_mixed: bool, budget: Iterator[int]) -> str:
    raw = _bytes_of(match[0])
    if not raw or next(budget, None) is None:
        return match[0]
    text = to_text(raw, codec)
    before, after = _spelling(match[0]), _spelling(text)
    # Where nothing else is Vietnamese, "Thò" is as little as its neighbours are.
    is_better = after.share > before.share or (not is_mixed and after.share == before.share > 0)
    return text if is_better else match[0]


def _bytes_of(segment: str) -> bytes | None:
    """Return the bytes that a text would have in Windows-1252; None for ASCII and for what is not of it."""
    if segment.isascii() and "&" not in segment:
        return None
    try:
        raw = _resolve_latin(segment).translate(_BYTES_1252).encode("latin-1")
    except UnicodeError:
        return None
    return None if raw.isascii() else raw
