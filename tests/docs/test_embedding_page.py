"""The heights that the documentation names are those that the widgets keep to."""

import re
from pathlib import Path

import pytest

from service.web.widget_options import (
    CARD_COLUMN,
    CARD_MARGIN,
    DEFAULT_ARTICLES,
    HEIGHTS,
    ArticleLayout,
    Layout,
    article_height,
    portal_height,
)

# With plain letters for the signs of arithmetic.
PAGE = (
    (Path(__file__).parents[2] / "docs" / "embedding.md")
    .read_text("utf-8")
    .translate({0xD7: "x", 0x2212: "-", 0xF7: "/"})
)


@pytest.mark.parametrize("layout", list(Layout))
def test_every_weather_layout_has_its_height(layout: Layout) -> None:
    assert f"| weather | `{layout}` | {HEIGHTS[layout]} |" in PAGE


@pytest.mark.parametrize("layout", list(ArticleLayout))
def test_every_article_layout_has_its_height(layout: ArticleLayout) -> None:
    least = article_height(layout, 0)
    each = article_height(layout, 1) - least
    assert re.search(rf"\| articles \| `{layout}` \| {least} \+ {each} x ", PAGE)


def test_the_portal_the_cards_and_the_usual_numbers_are_told() -> None:
    assert f"| portal | | {portal_height(0)} + {portal_height(1) - portal_height(0)} x `limit` |" in PAGE
    assert f"⌊(width - {CARD_MARGIN}) / {CARD_COLUMN}⌋" in PAGE
    usual = DEFAULT_ARTICLES
    assert usual[ArticleLayout.LIST] == usual[ArticleLayout.CARDS] == 5
    assert usual[ArticleLayout.HEADLINES] == 8
    assert "`limit` is 5 where it is not given, 8 for `headlines` and `portal`" in PAGE
