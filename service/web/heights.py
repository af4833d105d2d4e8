"""How high each layout is, known before anything loads; right at 280 px and more and the usual text size."""

from service.web.widget_options import ArticleLayout, Layout

NARROWEST = 280  # CSS pixels
HEIGHTS = {Layout.COMPACT: 212, Layout.STRIP: 160, Layout.FULL: 900}
PICTURE = (300, 136)  # width and height of the SVG

# Of articles: what is always there, a notice of four lines among it; one article; one card with a picture.
_FRAME, _ITEM, _CARD = 126, {ArticleLayout.LIST: 124, ArticleLayout.HEADLINES: 74}, 283
CARD_COLUMN, BESIDE_CARDS = 204, 11  # the width of a card with its gap; that of both edges less one gap


def article_height(layout: ArticleLayout, limit: int, width: int = NARROWEST) -> int:
    """Of the article widget in CSS pixels, at this width and more."""
    if layout is not ArticleLayout.CARDS:
        return _FRAME + limit * _ITEM[layout]
    columns = max(1, (width - BESIDE_CARDS) // CARD_COLUMN)
    return _FRAME + -(-limit // columns) * _CARD


def portal_height(limit: int) -> int:
    """Of the compact weather above headlines, likewise."""
    return HEIGHTS[Layout.COMPACT] + article_height(ArticleLayout.HEADLINES, limit)
