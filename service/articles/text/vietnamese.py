"""Vietnamese charsets that neither browsers nor Python know, and how Vietnamese a text is by its syllables.

TCVN3 (TCVN 5712:1993, "ABC") and VNI are what offices wrote before Unicode, in fonts whose Latin letters
look Vietnamese; VISCII is RFC 1456. A text in the wrong one of them is no Vietnamese: what can be a syllable
is settled by spelling, so that a title of two words tells which charset it is in.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from service.articles.text import plain_text

_TCVN3_LETTERS = (  # of the bytes from A1 on
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽé"
    "ẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_VISCII_LETTERS = (  # of the bytes from 80 on
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VISCII_CAPITALS = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = _TONES = "\u0300\u0301\u0303\u0309\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {  # behind a, e, o, u, y, ô (which is ơ) and ö (ư)
    "ø": _GRAVE, "ù": _ACUTE, "õ": _TILDE, "û": _HOOK, "ï": _DOT,
    "â": _CIRCUMFLEX, "à": _CIRCUMFLEX + _GRAVE, "á": _CIRCUMFLEX + _ACUTE, "ã": _CIRCUMFLEX + _TILDE,
    "å": _CIRCUMFLEX + _HOOK, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ü": _BREVE + _TILDE,
    "ú": _BREVE + _HOOK, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = dict(zip("ñôöìíæóòîÑÔÖÌÍÆÓÒÎ", "đơưìíỉĩịỵĐƠƯÌÍỈĨỊỴ", strict=True))
_VNI = re.compile(rf"(?i:[aeouyôö][{''.join(_VNI_MARKS)}])|[{''.join(_VNI_LETTERS)}]")

# What Windows has at a byte; browsers read those that it leaves out as controls.
WINDOWS_1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
WINDOWS_1258 = "".join(bytes([byte]).decode("cp1258", "ignore") or WINDOWS_1252[byte] for byte in range(256))
_TABLES = {
    "cp1252": WINDOWS_1252,
    "cp1258": WINDOWS_1258,
    "tcvn3": WINDOWS_1252[:0xA1] + _TCVN3_LETTERS,
    "viscii": "".join(_VISCII_CAPITALS.get(byte, chr(byte)) for byte in range(128)) + _VISCII_LETTERS,
    "vni": WINDOWS_1252,
}
CODECS = ("cp1258", "tcvn3", "vni", "viscii")  # the likely ones first

# Fonts for capitals show a small letter with a mark as a capital: "THÔNG BáO" is read as THÔNG BÁO.
_CAPITAL = "A-ZĂÂĐÊÔƠƯ"
_SMALL = "".join(sorted({letter for letter in _TCVN3_LETTERS if letter.islower()} - set("đ")))
_CAPITAL_WORD = rf"[{_CAPITAL}{_SMALL}]++(?!\w)"
_CAPITAL_WORDS = re.compile(rf"(?<!\w){_CAPITAL_WORD}(?:[ ,\-]++{_CAPITAL_WORD})*+")
_AMID_CAPITALS = re.compile(rf"[{_CAPITAL}]{{2}}[{_SMALL}]|[{_CAPITAL}][{_SMALL}][{_CAPITAL}]")


def is_latin(codec: str) -> bool:
    """Return whether the charset is one of Windows or Vietnamese: all have ASCII, and a letter to a byte."""
    return codec in _TABLES


def to_text(body: bytes, codec: str) -> str:
    """Return the text of bytes in one of these charsets or of Python's; a bad byte becomes U+FFFD."""
    if codec not in _TABLES:
        return body.decode(codec, "replace")
    text = body.decode("latin-1").translate(_TABLES[codec])
    if codec == "vni":
        text = _VNI.sub(_vni_letter, text)
    text = plain_text.to_nfc(text)
    return _CAPITAL_WORDS.sub(_in_capitals, text) if codec == "tcvn3" else text


def _vni_letter(match: re.Match[str]) -> str:
    """Return a letter with its marks, which are of its own byte or of the one behind it."""
    base, mark = match[0][0], match[0][1:].lower()
    letter = _VNI_LETTERS.get(base, base)
    return unicodedata.normalize("NFC", letter + _VNI_MARKS[mark]) if mark else letter


def _in_capitals(words: re.Match[str]) -> str:
    return words[0].upper() if _AMID_CAPITALS.search(words[0]) else words[0]


# The spelling of a syllable: an onset, then a rhyme with its tone on the right letter.

_ONSETS = (
    *("ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr"),
    *("b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", ""),
)
_RHYMES = """
    a ai ao au ay ac am an ap at ak ach ang anh ăc ăm ăn ăp ăt ăk ăng âu ây âc âm ân âp ât âng
    e eo ec em en ep et ek eng ê êu êm ên êp êt êch ênh
    i ia iu im in ip it ich inh iêu iêc iêm iên iêp iêt iêng
    o oa oe oi oai oay oao oeo oc om on op ot ok ong oong ooc
    oac oam oan oap oat oach oang oanh oăc oăm oăn oăt oăng oen oet
    ô ôi ôc ôm ôn ôp ôt ôk ông ơ ơi ơm ơn ơp ơt
    u ua uê ui uơ uy uya uyu uc um un up ut ung uân uât uâng uây uêch uênh
    uôi uôc uôm uôn uôt uông uych uyt uynh uyên uyêt
    ư ưa ưi ưu ưc ưm ưn ưt ưng ươi ươu ươc ươm ươn ươp ươt ương
    y yt ych ynh yêu yêm yên yêt yêng
"""
_MARKED = "ăâêôơư"
_EITHER = ("oa", "oe", "uy")  # hòa and hoà
_CONSONANTS = "cghkmnpt"
_STOPS = ("c", "ch", "p", "t")  # before these only two tones are spoken
# Vowels, without their marks, that an onset is never written before.
_NEVER_BEFORE = {"c": "eiy", "g": "e", "gh": "aou", "ng": "ei", "ngh": "aou", "q": "aeioy"}


def _toned_rhymes() -> Iterator[str]:
    for rhyme in _RHYMES.split():
        yield rhyme
        vowels = rhyme.rstrip(_CONSONANTS)
        coda = rhyme[len(vowels) :]
        for position in _tone_positions(vowels, coda):
            for tone in (_ACUTE, _DOT) if coda in _STOPS else _TONES:
                toned = f"{rhyme[: position + 1]}{tone}{rhyme[position + 1 :]}"
                yield unicodedata.normalize("NFC", toned)


def _tone_positions(vowels: str, coda: str) -> tuple[int, ...]:
    marked = max(vowels.find(vowel) for vowel in _MARKED)
    if marked >= 0:
        return (marked,)
    if vowels in _EITHER and not coda:
        return (0, 1)
    return (len(vowels) - 1 if coda else 1 if len(vowels) == 3 else 0,)  # noqa: PLR2004 - khuỷu, ngoài


_TONED_RHYMES = frozenset(_toned_rhymes())


@lru_cache(4_096)
def is_syllable(word: str) -> bool:
    """Return whether a word in small letters and NFC can be a Vietnamese syllable."""
    return any(
        word.startswith(onset)
        and (rhyme := word[len(onset) :]) in _TONED_RHYMES
        and unicodedata.normalize("NFD", rhyme)[0] not in _NEVER_BEFORE.get(onset, "")
        for onset in _ONSETS
    )


# How much of a text that is.

_MAX_WORDS = 3_000  # that are looked at
_LONGEST_SYLLABLE = 7  # letters: nghiêng
# With the symbols between letters that a wrong charset shows in their place, as in "c«ng".
_ANY_WORD = re.compile(r"[A-Za-z\xa1-\u024f\u0300-\u036f\u1e00-\u1eff\ufffd]{2,}")
_SYMBOLS = "".join(map(chr, (*range(0xA1, 0xC0), 0xD7, 0xF7)))


@dataclass(frozen=True, slots=True)
class Spelling:
    """How many different words of a text are Vietnamese.

    Attributes:
        syllables: of the words with letters beyond ASCII, those that are syllables.
        words: all of these.
        plain_syllables: of the words in ASCII, those that are syllables.
        plain_words: all of these, without initials.
    """

    syllables: int
    words: int
    plain_syllables: int
    plain_words: int

    @property
    def share(self) -> float:
        """The share of the words beyond ASCII that are syllables, from 0 to 1; 0 for a text without any."""
        return self.syllables / self.words if self.words else 0.0

    @property
    def share_of_all(self) -> float:
        """The share of all words that are syllables."""
        words = self.words + self.plain_words
        return (self.syllables + self.plain_syllables) / words if words else 0.0


def spelling_of(text: str) -> Spelling:
    """Measure a text in NFC by its first few thousand words of two letters and more."""
    found = {match[0].strip(_SYMBOLS) for match in islice(_ANY_WORD.finditer(text), _MAX_WORDS)}
    words = {word for word in found if not word.isascii() and len(word) > 1 and not _is_initials(word)}
    plain = {word for word in found if word.isascii() and len(word) > 1 and not word.isupper()}
    return Spelling(
        sum(map(_is_written_syllable, words)), len(words), sum(map(_is_written_syllable, plain)), len(plain)
    )


def _is_initials(word: str) -> bool:
    """Return whether it is of the kind of QĐ and HĐND."""
    return "Đ" in word and word.replace("Đ", "").isascii() and word.isupper()


def _is_written_syllable(word: str) -> bool:
    """Return whether it is a syllable, without a capital amid its small letters."""
    if len(word) > _LONGEST_SYLLABLE or not (word[1:].islower() or word.isupper()):
        return False
    return is_syllable(word.lower())
