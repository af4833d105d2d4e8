"""The code that an editor copies: the frame, a message with it for a technician, and its other forms."""

import re
from dataclasses import dataclass
from html import escape

from service.locales.formatter import Formatter
from service.start_page.choices import Choices
from service.web.oembed import frame_html
from service.web.widget_options import PICTURE_SIZES, Layout

_ATTRIBUTE = re.compile(r' (frameborder|referrerpolicy)="')
_REACT_NAMES = {"frameborder": "frameBorder", "referrerpolicy": "referrerPolicy"}
_STYLE = re.compile(r'style="([^"]*)"')
_HYPHEN = re.compile(r"-([a-z])")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of code; `key` is unique within the page, `rows` the lines that its field shows."""

    key: str
    label: str
    hint: str
    code: str
    rows: int


@dataclass(frozen=True, slots=True)
class Snippets:
    """All snippets for one choice of a widget.

    Attributes:
        recommended: works in nearly every page, without script.
        message: asks a technician to embed the widget, in plain text.
        others: for administrators.
    """

    recommended: Snippet
    message: Snippet
    others: tuple[Snippet, ...]


_ROWS = {"iframe": 5, "message": 12, "script": 5, "react": 5, "css": 2, "oembed": 1, "picture": 3, "png": 3}


def snippets(
    choices: Choices, base_url: str, page_url: str, formatter: Formatter, widget_formatter: Formatter
) -> Snippets:
    """Return the snippets for complete choices; their URLs are absolute, for use on other sites.

    `formatter` has the language of the page at `page_url`, `widget_formatter` that of the widget.
    """

    def snippet(key: str, code: str) -> Snippet:
        label, hint = formatter.text(f"start.code_{key}"), formatter.text(f"start.hint_{key}")
        return Snippet(key, label, hint, code, _ROWS[key])

    title, frame_title = choices.title(widget_formatter), choices.frame_title(widget_formatter)
    url = f"{base_url}{choices.url}"
    height = choices.heights[1]
    # Style sheets say `height: auto !important` too, and a column of flexible boxes shrinks what is in it.
    bounds = f"width:100%;min-height:{height}px"
    frame = frame_html(url, frame_title, choices.widths[0], height, bounds=bounds)
    others = {
        "oembed": url,
        "script": _script(choices, base_url, url, title),
        "react": react_form(frame),
        "css": _css_rule(url, frame),
        "picture": _picture(choices, base_url, title, "svg") if choices.widget.has_svg else "",
        "png": _picture(choices, base_url, title, "png") if choices.widget.has_png else "",
    }
    message = formatter.text(
        "start.message",
        title=choices.title(formatter),
        code=frame,
        origin=_origin(base_url),
        height=height,
        page=page_url,
    )
    return Snippets(
        recommended=snippet("iframe", frame),
        message=snippet("message", message),
        others=tuple(snippet(key, code) for key, code in others.items() if code),
    )


def react_form(frame: str) -> str:
    """Return the HTML of an `<iframe>` as JSX, where style is an object and some attributes have other names.

    Character references in attributes mean the same in JSX.
    """
    named = _ATTRIBUTE.sub(lambda name: f' {_REACT_NAMES[name[1]]}="', frame)
    return _STYLE.sub(lambda style: f"style={{{{{_style_object(style[1])}}}}}", named)


def _style_object(style: str) -> str:
    pairs = (declaration.split(":") for declaration in style.split(";"))
    return ", ".join(f'{_HYPHEN.sub(lambda a: a[1].upper(), name)}: "{value}"' for name, value in pairs)


def _css_rule(url: str, frame: str) -> str:
    """Return a rule with the style of the frame, for the style sheet of a site."""
    style = _STYLE.search(frame)
    return f'iframe[src="{url}"]{{{style[1] if style else ""}}}'


def _origin(base_url: str) -> str:
    return "/".join(base_url.split("/")[:3])


def _script(choices: Choices, base_url: str, url: str, title: str) -> str:
    city = [("city", choices.place.id)] if choices.place and choices.widget.takes_place else []
    look = [("heading" if name == "title" else name, value) for name, value in choices.look]
    parameters = [("type", choices.widget.kind), *city, *look]
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in parameters)
    return (
        f'<script src="{escape(base_url)}/embed.js" async></script>\n'
        f'<portal-widget {attributes} style="display:block;height:{choices.height_at(choices.widths[0])}px">'
        f'<a href="{escape(url)}">{escape(title)}</a></portal-widget>'
    )


def _picture(choices: Choices, base_url: str, title: str, suffix: str) -> str:
    path, mark, query = choices.url.partition("?")
    width, height = PICTURE_SIZES[Layout(dict(choices.look).get("layout", Layout.COMPACT))]
    return (
        f'<img src="{escape(f"{base_url}{path}.{suffix}{mark}{query}")}" alt="{escape(title)}" '
        f'width="{width}" height="{height}">'
    )
