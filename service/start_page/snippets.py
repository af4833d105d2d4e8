"""The code that an editor copies: iframe, script element, oEmbed URL, SVG image."""

from dataclasses import dataclass
from html import escape

from service.locales.formatter import Formatter
from service.start_page.choices import Choices
from service.web.oembed import frame_html
from service.web.widget_options import SVG_SIZE


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of code; `key` is unique within the page."""

    key: str
    label: str
    hint: str
    code: str


def snippets(
    choices: Choices, base_url: str, formatter: Formatter, widget_formatter: Formatter
) -> tuple[Snippet, ...]:
    """Return the snippets for complete choices; their URLs are absolute, for use on other sites.

    `formatter` has the language of the page, `widget_formatter` that of the widget.
    """
    title, frame_title = choices.title(widget_formatter), choices.frame_title(widget_formatter)
    url = f"{base_url}{choices.url}"
    codes = {
        "iframe": frame_html(url, frame_title, choices.widths[0], choices.heights[1], fluid=True),
        "script": _script(choices, base_url, url, title),
        "oembed": url,
        "picture": _svg(choices, base_url, title) if choices.widget.has_svg else "",
    }
    return tuple(
        Snippet(key, formatter.text(f"start.code_{key}"), formatter.text(f"start.hint_{key}"), code)
        for key, code in codes.items()
        if code
    )


def _script(choices: Choices, base_url: str, url: str, title: str) -> str:
    city = [("city", choices.place.id)] if choices.place and choices.widget.shows_weather else []
    look = [("heading" if name == "title" else name, value) for name, value in choices.look]
    parameters = [("type", choices.widget.kind), *city, *look]
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in parameters)
    return (
        f'<script src="{escape(base_url)}/embed.js" async></script>\n'
        f'<portal-widget {attributes} style="display:block;height:{choices.height_at(choices.widths[0])}px">'
        f'<a href="{escape(url)}">{escape(title)}</a></portal-widget>'
    )


def _svg(choices: Choices, base_url: str, title: str) -> str:
    path, mark, query = choices.url.partition("?")
    width, height = SVG_SIZE
    return (
        f'<img src="{escape(f"{base_url}{path}.svg{mark}{query}")}" alt="{escape(title)}" '
        f'width="{width}" height="{height}">'
    )
