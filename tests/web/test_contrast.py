"""Every pair of colours that meets on a page, by arithmetic: WCAG 2.2, 1.4.3 and 1.4.11."""

import re
from itertools import product
from pathlib import Path

import pytest
from colours import contrast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsroom import Newsroom, article
from web_site import Site

TEXT, DRAWING = 4.5, 3.0
# What is written in which colour on which ground, where a page has both.
WRITTEN = [
    *product(("fg", "soft", "accent", "rain"), ("bg",)),
    *product(("fg", "rain"), ("night",)),
    *product(("fg", "soft", "accent", "well", "ill"), ("fill",)),
    *product(("fg", "soft"), ("desk",)),
    ("on", "accent"),
]
DRAWN = [*product(("line", "rain", "accent", "soft"), ("bg", "field")), ("line", "night")]
PATHS = [
    f"/widgets/weather/hue?layout={layout}" for layout in ("compact", "strip", "full")
]  # the picture's colours are no variables: tests/weather/test_picture.py
NEWS = ["/widgets/articles?layout=cards", "/widgets/portal?city=hue", f"/articles/{1:016x}?city=hue"]


def themes(page: str) -> list[dict[str, str]]:
    """The colours of each theme of a page, by their names in its style."""
    blocks = re.findall(r"(?::root|main)\{(--bg[^}]*)\}", page)
    told: dict[str, dict[str, str]] = {}
    names = [tuple(sorted(set(re.findall(r"--(\w+):", block)))) for block in blocks]
    for place, (block, _) in enumerate(zip(blocks, names, strict=True)):
        # A page's own colours come after those of all pages, each in the same order of themes.
        theme = str(sum(names[place] == earlier for earlier in names[:place]))
        told.setdefault(theme, {}).update(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", block))
    return [{name: _six(colour) for name, colour in theme.items()} for theme in told.values()]


def _six(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def faint(page: str) -> list[tuple[str, str, float]]:
    """The pairs that cannot be told apart well enough."""
    pairs = [(*pair, TEXT) for pair in WRITTEN] + [(*pair, DRAWING) for pair in DRAWN]
    return [
        (theme[over], theme[under], least)
        for theme in themes(page)
        for over, under, least in pairs
        if over in theme and under in theme and contrast(theme[over], theme[under]) < least
    ]


@pytest.mark.parametrize("path", ["/", "/status", "/nowhere"])
def test_the_pages_for_people_can_be_read_in_both_themes(site: Site, path: str) -> None:
    page = site.get(path).text
    assert len(themes(page)) == 2
    assert faint(page) == []


@pytest.mark.parametrize(("theme", "count"), [("auto", 2), ("light", 1), ("dark", 1)])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accent=st.integers(0, 0xFFFFFF).map("{:06x}".format))
def test_any_accent_can_be_read_wherever_it_is_used(site: Site, theme: str, count: int, accent: str) -> None:
    for path in PATHS:
        page = site.get(f"{path}&theme={theme}&accent={accent}").text
        assert len(themes(page)) == count
        assert faint(page) == []


def test_any_accent_can_be_read_among_articles(tmp_path: Path) -> None:
    room = Newsroom.in_folder(tmp_path)
    room.repository.save([article(1)])
    for path, accent in product(NEWS, ("ffffff", "000000", "ffff00", "ff0000", "7f7f7f", "0000ff", "00ff00")):
        page = room.client.get(f"{path}&accent={accent}").text
        assert len(themes(page)) >= 2
        assert faint(page) == []
    room.store.close()


def test_the_judge_sees_what_is_faint() -> None:
    page = ":root{--bg:#fff;--soft:#767676}@media(x){:root{--bg:#111;--soft:#555;--on:#000;--accent:#222}}"
    assert [found[:2] for found in faint(page)] == [
        ("#555555", "#111111"),
        ("#222222", "#111111"),
        ("#000000", "#222222"),
        ("#222222", "#111111"),
        ("#555555", "#111111"),
    ]


@pytest.mark.parametrize("path", [*PATHS, "/widgets/weather?cities=hue"])
def test_our_own_accent_in_the_dark_is_read_by_weak_eyes(site: Site, path: str) -> None:
    _, dark = themes(site.get(path).text)
    assert contrast(dark["accent"], dark["bg"]) >= 7
