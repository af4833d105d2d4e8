"""The documented heights of the widgets in CSS pixels, which other sites reserve before anything loads.

They suffice from a width of 280 px on, with the browser's default size of text.
"""

from service.web.widget_options import ArticleLayout, Layout

NARROWEST = 280
HEIGHTS = {Layout.COMPACT: 212, Layout.STRIP: 160, Layout.FULL: 900}
SVG_SIZE = (300, 136)  # width and height

_ARTICLES_BASE = 126  # heading and borders, and a notice of four lines
_ARTICLE = {ArticleLayout.LIST: 124, ArticleLayout.HEADLINES: 74}
_CARD = 283
CARD_COLUMN = 204  # the width of a card and the gap beside it
CARD_MARGIN = 11  # the width of the borders and paddings less one gap, since the last card has none


def article_height(layout: ArticleLayout, limit: int, width: int = NARROWEST) -> int:
    """Return the height of the article widget at this width and more."""
    if layout is not ArticleLayout.CARDS:
        return _ARTICLES_BASE + limit * _ARTICLE[layout]
    columns = max(1, (width - CARD_MARGIN) // CARD_COLUMN)
    return _ARTICLES_BASE + -(-limit // columns) * _CARD


def portal_height(limit: int) -> int:
    """Return the height of the compact weather above headlines."""
    return HEIGHTS[Layout.COMPACT] + article_height(ArticleLayout.HEADLINES, limit)
