"""Where in an article's text its pictures stand: marks while it is sanitised, figures of ours afterwards."""

import re
from collections.abc import Callable
from html import escape

from service.articles.model import ArticleImage

_OPEN, _CLOSE = "\ue000", "\ue001"  # of the private use area: no letter of anybody's text
_PRIVATE = re.compile("[\ue000\ue001]")
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_INLINE = r"(?:</?(?:a|b|i|u|em|strong|sub|sup)\b[^<>]*+>|\s)*+"
_ALONE = re.compile(rf"<p>{_INLINE}((?:{_OPEN}\d++{_CLOSE}\s*+)++){_INLINE}</p>")
# All figures that follow each other are taken at once, whether a heading ends behind them or not: a row of
# them that is tried anew from each of its figures takes time by the square of its length.
_OF_HEADING = re.compile(
    r"((?:<figure>(?:(?!</figure>).)*+(?:</figure>|\Z)(?:<p>\s*+</p>)?+)++)(</h[234]>)?+", re.DOTALL
)


def mark(number: int) -> str:
    """What stands for a picture, in a paragraph of its own."""
    return f"<p>{_OPEN}{number}{_CLOSE}</p>"


def unmarked(text: str) -> str:
    """The text without marks, and without letters that would pass for one."""
    return _PRIVATE.sub("", _MARK.sub("", text))


def with_figures(marked: str, figure_of: Callable[[int], str]) -> str:
    """The marked text with figures; a mark amid other words, which cannot take one, is dropped."""

    def figures(alone: re.Match[str]) -> str:
        return "".join(figure_of(int(number)) for number in _MARK.findall(alone[1]))

    return _OF_HEADING.sub(_behind_its_heading, unmarked(_ALONE.sub(figures, marked)))


def _behind_its_heading(figures: re.Match[str]) -> str:
    return (figures[2] or "") + figures[1]


def figure(shown: ArticleImage) -> str:
    """Our own picture, its size known before it is there, loaded when it comes into sight."""
    widest = shown.variants[-1]
    words = f"<figcaption>{escape(shown.caption)}</figcaption>" if shown.caption else ""
    return (
        f'<figure><img src="/images/{widest.hash}.webp" width="{widest.width}" height="{widest.height}"'
        f' alt="{escape(shown.alt)}" loading="lazy">{words}</figure>'
    )
