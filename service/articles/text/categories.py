"""The categories of an article: plain names, each once, without those that say nothing of the article."""

from collections.abc import Iterable

from service.articles.text import plain_text
from service.core.folding import fold

_MAX_CATEGORIES = 20  # of one article
_MAX_NAMES = 200  # that are looked at
_MAX_MARKUP = 1_000  # characters of one name, references included
_MAX_NAME = 100  # characters; a longer one is a sentence
_SAY_NOTHING = frozenset(
    map(
        fold,
        (
            "Uncategorized", "Uncategorised", "No category", "Default", "General", "Chưa phân loại",
            "Chưa được phân loại", "Không phân loại", "Chưa có danh mục", "Không có chuyên mục", "Khác",
        ),
    )
)  # fmt: skip


def clean(names: Iterable[object]) -> tuple[str, ...]:
    """Return these names, which may contain markup, as plain text in their order.

    What is no string, an address, a sentence, or a name such as "Uncategorized" is left out.
    """
    cleaned: dict[str, str] = {}
    for _, name in zip(range(_MAX_NAMES), names, strict=False):
        text = plain_text.from_markup(name[:_MAX_MARKUP]) if isinstance(name, str) else ""
        key = fold(text)
        if key and key not in _SAY_NOTHING and "://" not in text and len(text) <= _MAX_NAME:
            cleaned.setdefault(key, text)
    return tuple(cleaned.values())[:_MAX_CATEGORIES]
