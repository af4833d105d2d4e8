"""Taking the tags out of markup in one pass, in time proportional to its length whatever it nests."""

import html
import re
from bisect import bisect_left

LINK = "\x1f"  # stands in `pieces` where a link begins or ends

_ATTRIBUTE = r"[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>]*+))?+"
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|(?P<data><!\[CDATA\[|\]\]>)"
    r"|<(?P<name>/?[a-zA-Z][^\s/>]*+)(?P<rest>(?:[\s/]++|" + _ATTRIBUTE + r")*+)(?P<end>>|\Z)"
    r"|</?[!?][^>]*+(?:>|\Z)",
    re.DOTALL,
)


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_INLINE = _names(
    "a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark nobr q s samp"
    " small span strike strong sub sup time tt u var wbr o:p"
)
_SILENT = _names(
    "script style template noscript iframe noframes noembed object svg math select textarea audio video"
    " canvas head button"
)
_SILENT_CAPTIONS = _SILENT | {"figure", "figcaption", "caption"}
_CLASS = re.compile(r"\bclass\s*+=[\"'\s]*+([^\"'>]*+)", re.IGNORECASE)
_CAPTION = re.compile(r"caption|chu-?thich|photo-?credit", re.IGNORECASE)
_CLOSING = re.compile(r"</([a-zA-Z][^\s/>]*+)")
_ESCAPED_MARKUP = re.compile(
    r"</(?:p|a|b|i|em|strong|span|div|font|u|h[1-6]|li|ul|ol|td|tr|table|figure|script|style)\s*+>"
    r"|<(?:br|img|p)\b[^<>]*+>|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});",
    re.IGNORECASE,
)
_HUGE_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")  # names no letter, and is too long for a number
_DATA_URL = re.compile(r"data:[\w/+.-]*;base64,[\w+/=%\s]{64,}+")
_BREAK = "\n"


def without_data(markup: str) -> str:
    """Without the bytes of pictures that are written into their address."""
    return _DATA_URL.sub("data:,", markup)


def stripped(markup: str) -> str:
    """The text, with a line break where a block begins or ends. Markup that was escaped twice goes, too."""
    return _text(markup, _SILENT, with_captions=True).replace(LINK, "")


def pieces(markup: str) -> list[str]:
    """The text block by block, without figures and captions; LINK stands where a link begins or ends."""
    blocks = _text(markup, _SILENT_CAPTIONS, with_captions=False).split(_BREAK)
    return [block for block in blocks if block.strip(LINK + " ")]


def _text(markup: str, silent: frozenset[str], *, with_captions: bool) -> str:
    for letter in (LINK, _BREAK):
        markup = markup.replace(letter, " ")
    text = unescaped(_without_tags(markup, silent, with_captions=with_captions))
    if _ESCAPED_MARKUP.search(text):
        text = unescaped(_without_tags(text, silent, with_captions=with_captions))
    return text


def unescaped(text: str) -> str:
    """The text with what its references mean; html.unescape by itself fails on a number of 5,000 digits."""
    return html.unescape(_HUGE_NUMBER.sub("\ufffd", text)) if "&" in text else text


def _without_tags(markup: str, silent: frozenset[str], *, with_captions: bool) -> str:
    shown: list[str] = []
    ends = _Ends(markup)
    position, is_data = 0, False
    while match := _MARKUP.search(markup, position):
        shown.append(markup[position : match.start()])
        position = match.end()
        name = (match["name"] or "").lower()
        if match["data"]:
            is_data, was_data = match["data"] != "]]>", is_data
            shown.append("" if is_data or was_data else match[0])
        elif not name:
            shown.append(" ")
        elif not match["end"] and not match["rest"]:
            shown.append(match[0])  # "a <b" at the very end of a text: no tag
        elif name in silent or (not with_captions and _is_caption(match["rest"])):
            shown.append(_BREAK)
            position = ends.after(name, position)
        else:
            shown.append(_instead_of(name.removeprefix("/")))
    shown.append(markup[position:])
    return "".join(shown)


def _instead_of(name: str) -> str:
    if name == "a":
        return LINK
    return "" if name in _INLINE else _BREAK


def _is_caption(attributes: str) -> bool:
    return any(_CAPTION.search(one[1]) for one in _CLASS.finditer(attributes))


class _Ends:
    """Where elements end: all closing tags are looked for once, when the first of them is asked for.

    To search for each anew takes time by the square of the text where none of them is there.
    """

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._closings: dict[str, list[int]] | None = None

    def after(self, name: str, position: int) -> int:
        """Behind the end of the element opened before `position`; without an end only its tag is passed."""
        if self._closings is None:
            self._closings = {}
            for closing in _CLOSING.finditer(self._markup):
                self._closings.setdefault(closing[1].lower(), []).append(closing.start())
        starts = self._closings.get(name, [])
        number = bisect_left(starts, position)
        end = self._markup.find(">", starts[number]) if number < len(starts) else -1
        if end >= 0:
            return end + 1
        return len(self._markup) if name in ("script", "style") else position
