"""The heights that the documentation names are those that the widgets keep to."""

import re
from pathlib import Path

from service.web.heights import ARTICLES, NARROWEST, PORTAL, USUAL_NARROWEST, WEATHER, WIDEST, Height
from service.web.widget_options import DEFAULT_ARTICLES, ArticleLayout, Layout

# With plain letters for the signs of arithmetic.
PAGE = (
    (Path(__file__).parents[2] / "docs" / "embedding.md")
    .read_text("utf-8")
    .translate({0xD7: "x", 0x2212: "-", 0xF7: "/"})
)


def rows(widget: str, layout: str, height: Height) -> list[str]:
    """The rows of the table for one layout."""
    items = "rows" if "cards" in layout else "places" if "table" in layout else "`limit`"
    return [
        f"| {widget} | {layout} | {max(step.width, NARROWEST)} | {step.fixed}"
        + (f" + {step.row} x {items}" if step.row else "")
        + (f", {step.columns} in a row" if "cards" in layout else "")
        + " |"
        for step in height.steps
    ]


def test_the_table_has_the_height_of_every_layout_from_every_width_on() -> None:
    expected = [
        *(row for layout in Layout for row in rows("weather", f"`{layout}`", WEATHER[layout])),
        *(row for layout in ArticleLayout for row in rows("articles", f"`{layout}`", ARTICLES[layout])),
        *rows("portal", "", PORTAL),
    ]
    assert re.findall(r"^\| (?:weather|articles|portal) \|.*", PAGE, flags=re.MULTILINE) == expected


def test_the_vietnamese_page_tells_the_height_of_the_usual_box() -> None:
    page = (Path(__file__).parents[2] / "docs" / "embedding.vi.md").read_text("utf-8")
    height = WEATHER[Layout.COMPACT].at(USUAL_NARROWEST)
    assert height == WEATHER[Layout.COMPACT].at(WIDEST)
    assert f"cao {height} px" in page
    assert f'height="{height}"' in page


def test_the_usual_numbers_are_told() -> None:
    usual = DEFAULT_ARTICLES
    assert usual[ArticleLayout.LIST] == usual[ArticleLayout.CARDS] == 5
    assert usual[ArticleLayout.HEADLINES] == 8
    assert "`limit` is 5 where it is not given, 8 for `headlines` and `portal`" in PAGE
