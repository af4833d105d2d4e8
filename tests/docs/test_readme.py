"""What README.md and the pages it leads to say of the code is so."""

import json
import re
from pathlib import Path

import pytest

from service.app import create_app
from service.cli import main
from service.locales.catalog import available
from service.places.catalogue import built_in_places
from service.settings.load import load
from service.settings.schema import PROVIDERS
from service.weather.providers.open_meteo.provider import FREE_PLAN_NOTE
from service.weather.providers.registry import attributions
from service.web.heights import USUAL_NARROWEST, USUAL_WIDEST, WEATHER
from service.web.views import Views
from service.web.widget_options import PICTURE_SIZES, Layout

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EMBEDDING = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LICENCES = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
EXAMPLES = json.loads((ROOT / "service" / "api_docs" / "examples.json").read_text(encoding="utf-8"))
SCREEN = 70  # lines
HEAVIEST = 120_000  # bytes of a picture
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.fixture(scope="module")
def views() -> Views:
    """Those of an application without any configuration."""
    declared: Views = create_app(load({}), background=False).extensions["views"]
    return declared


def _there_is(thing: str) -> set[str]:
    """What the table says there is of this thing today."""
    (row,) = re.findall(rf"^\| {thing} \|.*\| (.+?) \|$", CONTRIBUTING, flags=re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def test_open_meteos_terms_are_told_in_the_words_that_check_uses() -> None:
    assert FREE_PLAN_NOTE in LICENCES


def test_the_two_commands_stand_alone_in_their_blocks() -> None:
    pip, serve = ".venv/bin/pip install", ".venv/bin/portal-widgets serve"
    blocks = re.findall(r"^```sh\n(.+?)\n```$", README, flags=re.DOTALL | re.MULTILINE)
    assert blocks[:2] == [
        f"python3 -m venv .venv && {pip} . && {serve}",
        ".ci/check",
    ]


def test_the_readme_is_one_screen() -> None:
    assert README.count("\n") <= SCREEN


def test_the_readme_credits_every_provider_there_is() -> None:
    for attribution in attributions(sample=False).values():
        credit = f"[{attribution.name}]({attribution.url})"
        assert credit in README
        assert credit in LICENCES
        assert str(attribution.licence) in LICENCES


def test_the_answer_that_the_readme_shows_is_part_of_a_recorded_one() -> None:
    (shown,) = re.findall(r"^```json\n(.+?)\n```$", README, flags=re.DOTALL | re.MULTILINE)
    (path,) = re.findall(r"^curl http://127\.0\.0\.1:8000(\S+)", README, flags=re.MULTILINE)
    assert _is_part(json.loads(shown), EXAMPLES[path])


def _is_part(shown: object, whole: object) -> bool:
    """Return whether everything shown stands in the whole, at the same place."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(name in whole and _is_part(value, whole[name]) for name, value in shown.items())
    return shown == whole


def test_the_table_names_the_providers_there_are() -> None:
    named = {provider.replace("-", "_") for provider in PROVIDERS}
    assert _there_is("a weather provider") == named
    assert all((ROOT / f"service/weather/providers/{name}").is_dir() for name in named)


def test_the_table_names_the_languages_there_are() -> None:
    assert _there_is("a language") == set(available())


def test_the_table_names_the_widgets_there_are(views: Views) -> None:
    kinds = {view.embedding.kind for view in views if view.embedding}
    assert _there_is("a widget") == kinds - {""}


def test_the_places_are_counted_right() -> None:
    (fewer,) = re.findall(r"more than (\d+) places", README)
    assert int(fewer) < len(built_in_places()) <= int(fewer) + 50


def test_the_snippets_have_the_documented_sizes() -> None:
    _, height = WEATHER[Layout.COMPACT].between(USUAL_NARROWEST, USUAL_WIDEST)
    assert all(f'width="{USUAL_NARROWEST}" height="{height}"' in page for page in (README, EMBEDDING))
    assert f'style="display:block;height:{height}px"' in EMBEDDING
    (width, height), strip = PICTURE_SIZES[Layout.COMPACT], PICTURE_SIZES[Layout.STRIP]
    assert f'width="{width}" height="{height}"' in EMBEDDING
    assert f"{strip[0]} by {strip[1]} pixels" in EMBEDDING


def test_every_parameter_of_the_widget_is_in_the_table(views: Views) -> None:
    table = EMBEDDING.partition("\n## Parameters\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE))
    assert told == views["widgets.weather"].parameters.fields.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", text):
        there = page.parent / target if target else page
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings
            }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(
        r"`((?:service|templates|tests|deploy|docs|benchmarks)/[\w./<>*-]+)`",
        page.read_text(encoding="utf-8"),
    )
    # What stands in angle brackets is to be chosen: something that is there already must fit.
    assert [name for name in named if not list(ROOT.glob(re.sub(r"<\w+>", "*", name)))] == []


def test_every_picture_that_is_taken_is_shown_with_words_for_it() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = set(re.findall(r"!\[[^\]]{20,}\]\((?:docs/)?screenshots/([\w-]+)\.png\)", pages))
    files = list(ROOT.glob("docs/screenshots/*.png"))
    assert shown == {file.stem for file in files}
    assert [file.name for file in files if file.stat().st_size > HEAVIEST] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_is_one_with_its_options(page: Path) -> None:
    named = re.findall(r"portal-widgets ([a-z]+)((?: --[a-z-]+)*)", page.read_text("utf-8"))
    for command, options in named:
        if command in main.commands:
            known = {one for option in main.commands[command].params for one in option.opts}
            assert set(options.split()) <= known, command
    codes = re.findall(r"`portal-widgets ([a-z]+)", page.read_text("utf-8"))
    assert set(codes) <= main.commands.keys()
