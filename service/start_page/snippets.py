"""The code that an editor copies: frame, script element, link for oEmbed, picture."""

from dataclasses import dataclass
from html import escape

from service.locales.formatter import Formatter
from service.start_page.choices import Choices
from service.web.heights import PICTURE


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of code; `key` names it within the page."""

    key: str
    label: str
    hint: str
    code: str


def snippets(choices: Choices, base_url: str, title: str, formatter: Formatter) -> tuple[Snippet, ...]:
    """Return the snippets for complete choices, absolute since other sites hold them."""
    url = f"{base_url}{choices.address}"
    codes = {
        "iframe": _frame(choices, url, title),
        "script": _script(choices, base_url, url, title),
        "oembed": url,
        "picture": _picture(choices, base_url, title) if choices.widget.has_svg else "",
    }
    return tuple(
        Snippet(key, formatter.text(f"start.code_{key}"), formatter.text(f"start.hint_{key}"), code)
        for key, code in codes.items()
        if code
    )


def _frame(choices: Choices, url: str, title: str) -> str:
    """Return the frame; its `width` is what remains where the page's policy allows no style."""
    return (
        f'<iframe src="{escape(url)}" title="{escape(title)}" width="{choices.widget.embedding.width}" '
        f'height="{choices.height}" loading="lazy" referrerpolicy="strict-origin-when-cross-origin" '
        'style="border:0;width:100%"></iframe>'
    )


def _script(choices: Choices, base_url: str, url: str, title: str) -> str:
    city = [("city", choices.place.id)] if choices.place and choices.widget.shows_weather else []
    named = [("type", choices.widget.kind), *city, *choices.look]
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in named)
    return (
        f'<script src="{escape(base_url)}/embed.js" async></script>\n'
        f'<portal-widget {attributes} style="display:block;height:{choices.height}px">'
        f'<a href="{escape(url)}">{escape(title)}</a></portal-widget>'
    )


def _picture(choices: Choices, base_url: str, title: str) -> str:
    path, mark, query = choices.address.partition("?")
    width, height = PICTURE
    return (
        f'<img src="{escape(f"{base_url}{path}.svg{mark}{query}")}" alt="{escape(title)}" '
        f'width="{width}" height="{height}">'
    )
