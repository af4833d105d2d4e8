"""Every text of the catalogs is said somewhere: translators translate nothing in vain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from service.locales.catalog import Catalog

ROOT = Path(__file__).parents[2]
SPEAKERS = (
    "service/locales",
    "service/web",
    "service/weather",
    "service/articles",
    "service/start_page",
    "service/observe",
    "service/api_docs",
)


def patterns() -> Iterator[str]:
    """The strings of those who speak, as regular expressions: anything may stand in a placeholder."""
    for file in (file for folder in SPEAKERS for file in (ROOT / folder).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+"
                    for part in node.values
                ]
                yield "".join(parts) if set(parts) - {r"\w+"} else r"(?!)"
    for file in (file for file in (ROOT / "templates").glob("*/*") if file.is_file()):
        yield from map(re.escape, re.findall(r'"([\w.]+)"', file.read_text("utf-8")))


def test_no_text_is_there_that_nobody_says() -> None:
    # A pattern says something of a key only if it fixes more than a dot.
    said = re.compile(
        "|".join({pattern for pattern in patterns() if re.search(r"[a-z]", pattern.replace(r"\w", ""))})
    )
    chosen_by_value = re.compile(r"(layout|theme|units|yes|no|condition|direction)\b")
    unsaid = [key for key in Catalog.load("vi") if not said.fullmatch(key) and not chosen_by_value.match(key)]
    assert unsaid == []
