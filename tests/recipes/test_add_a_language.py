"""A language in another script, made by machine from the English texts."""

import json
import re

from changed_tree import PLACE, ChangedTree, weather_from
from local_upstream import LocalUpstream

from service.locales.catalog import Catalog, available
from service.settings.load import load

RECIPE = "To add a language"
TAG, OWN_NAME = "lo", "ລາວ"
FILE = "service/locales/{}/messages.po"
LETTERS = "ກຂຄງຈຊຍດຕຖທນບປຜຝພຟມຢຣລວສຫອ"  # one for each of a to z
TABLE = str.maketrans(
    dict(zip("abcdefghijklmnopqrstuvwxyz", LETTERS, strict=True))
    | dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", LETTERS, strict=True))
)


def in_other_letters(text: str) -> str:
    """The text with what stands in braces left alone."""
    parts = re.split(r"(\{\w+\})", text)
    return "".join(part if part.startswith("{") else part.translate(TABLE) for part in parts)


def translated(catalog: str) -> str:
    """The English catalog with every text but the date patterns in other letters."""
    lines, key = [], ""
    for line in catalog.splitlines():
        if named := re.fullmatch(r'msgid "(.*)"', line):
            key = named[1]
        elif (text := re.fullmatch(r'(msgstr(?:\[\d\])?) "(.*)"', line)) and not key.startswith("format."):
            line = f'{text[1]} "{in_other_letters(text[2])}"'  # noqa: PLW2901 - the line as it is to be
        lines.append(line.replace('"Language: en\\n"', f'"Language: {TAG}\\n"'))
    return "\n".join(lines) + "\n"


def test_a_folder_is_a_language_that_is_served_offered_and_named_in_errors(
    tree: ChangedTree, upstream: LocalUpstream
) -> None:
    tree.write(FILE.format(TAG), translated(tree.read(FILE.format("en"))))
    widget, start, in_it, weather, articles, feed, fault, page_fault = tree.get(
        f"/widgets/weather/{PLACE}?lang={TAG}&layout=full",
        "/",
        f"/?ui={TAG}",
        f"/api/v1/weather/{PLACE}?lang={TAG}",
        f"/widgets/articles?lang={TAG}",
        f"/feeds/articles.rss?lang={TAG}",
        f"/api/v1/weather/{PLACE}?lang=xx",
        f"/widgets/weather/{PLACE}?lang=xx",
        collect=True,
        **weather_from(upstream),
    )
    for page in (widget, in_it, articles):
        assert f'<html lang="{TAG}"' in page.text
    english = Catalog.load("en")
    for key in ("humidity", "hours.title", "days.title", "day.tomorrow"):
        assert in_other_letters(english.text(key)) in widget.text
    assert re.fullmatch(f"[{LETTERS} ,]+", json.loads(weather.text)["current"]["condition_text"])
    assert feed.status == 200
    assert f'hreflang="{TAG}" lang="{TAG}">{OWN_NAME}</a>' in start.text
    assert f'<option value="{TAG}">{OWN_NAME}</option>' in start.text
    assert in_other_letters(english.text("start.title")) in in_it.text
    known = ", ".join(dict.fromkeys([load({}).site.language, *sorted([*available(), TAG])]))
    assert (fault.status, page_fault.status) == (400, 400)
    assert json.loads(fault.text)["errors"] == {"lang": [f"Must be one of: {known}."]}
    assert known in page_fault.text


def test_it_may_be_the_language_of_the_site(tree: ChangedTree) -> None:
    tree.write(FILE.format(TAG), translated(tree.read(FILE.format("en"))))
    start, status = tree.get("/", "/status", site__language=TAG)
    assert f'<html lang="{TAG}"' in start.text
    assert f'<html lang="{TAG}"' in status.text
