"""A parameter of the weather widget, with two values."""

import json

from changed_tree import PLACE, ChangedTree, weather_from
from local_upstream import LocalUpstream

RECIPE = "To add a parameter"
WIDGET = "service/weather/widget.py"
PATH = f"/widgets/weather/{PLACE}"


def with_a_parameter(tree: ChangedTree) -> None:
    """The field, and a template that shows its value."""
    tree.insert(WIDGET, after='"select": city_select(),', lines='"mood": OneOf(("calm", "bright"), "calm"),')
    tree.replace(
        WIDGET,
        "            options=options,\n            text=",
        '            options=options,\n            mood=query["mood"],\n            text=',
    )
    tree.replace("templates/widgets/weather.html", "<main>", '<main class="{{ mood }}">')


def test_a_declared_field_is_in_the_cache_key(tree: ChangedTree, upstream: LocalUpstream) -> None:
    with_a_parameter(tree)
    calm, bright, other, again = tree.get(
        PATH, f"{PATH}?mood=bright", f"{PATH}?mood=calm", f"{PATH}?unknown=1&mood=bright",
        collect=True, **weather_from(upstream),
    )  # fmt: skip
    assert '<main class="calm">' in calm.text
    assert '<main class="calm">' in other.text
    assert '<main class="bright">' in bright.text
    assert [answer.headers["Cache-Status"].split("; ")[1] for answer in (calm, bright, other, again)] == [
        "fwd=uri-miss",
        "fwd=uri-miss",
        "fwd=uri-miss",
        "hit",
    ]
    assert again.text == bright.text


def test_it_is_validated_and_known_to_script_start_page_and_oembed(tree: ChangedTree) -> None:
    with_a_parameter(tree)
    fault, picture, script, start, oembed = tree.get(
        f"{PATH}?mood=wild&lang=en",
        f"{PATH}.svg?mood=wild",
        "/embed.js",
        f"/?city={PLACE}&mood=bright",
        f"/oembed?url=https%3A%2F%2Fportal.example{PATH.replace('/', '%2F')}%3Fmood%3Dwild",
        site__public_url="https://portal.example",
    )
    assert (fault.status, picture.status, oembed.status) == (400, 400, 404)
    assert "The parameter “mood” is not valid. Accepted values: calm, bright." in fault.text
    attributes = script.text.partition("known=")[2].partition("]")[0]
    assert "mood" in json.loads(f"{attributes}]")
    assert f"{PATH}?mood=bright" in start.text
    assert "mood=&#34;bright&#34;" in start.text
