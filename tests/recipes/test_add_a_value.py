"""The UV index, from the provider to JSON and widget."""

import json

from changed_tree import PLACE, ChangedTree

RECIPE = "To add a value of the weather"


def test_a_field_of_the_model_goes_from_the_provider_to_json_and_the_full_widget(tree: ChangedTree) -> None:
    folder = "service/weather/providers/open_meteo"
    for path in ("service/weather/model.py", f"{folder}/parse.py", "service/weather/json.py"):
        tree.repeat(path, "cloud_cover", "uv_index")
    tree.insert(
        f"{folder}/payload.py",
        after="cloud_cover = ",
        lines='uv_index = NumberField(Quantity(0, 20), "uv_index", "")',
    )
    tree.insert(
        "service/weather/presenter.py",
        after='fact("precipitation", current.precipitation_rate, formatter.rain_rate),',
        lines='fact("uv_index", current.uv_index, formatter.number),',
    )
    tree.replace("service/web/heights.py", "FULL_FACTS = 8", "FULL_FACTS = 9")
    for language, text in {"vi": "Chỉ số UV", "en": "UV index"}.items():
        tree.append(f"service/locales/{language}/messages.po", f'\nmsgid "uv_index"\nmsgstr "{text}"')
    demo = "service/demo/open_meteo.py"
    tree.replace(demo, '"is_day": ""}', '"is_day": "", "uv_index": ""}')
    tree.insert(demo, after='"is_day": sample_weather.is_day(', lines='"uv_index": 8.0,')
    weather, full, english, compact = tree.get(
        f"/api/v1/weather/{PLACE}",
        f"/widgets/weather/{PLACE}?layout=full",
        f"/widgets/weather/{PLACE}?layout=full&lang=en",
        f"/widgets/weather/{PLACE}",
        collect=True,
        demo="1",
        weather__cities=PLACE,
    )
    assert json.loads(weather.text)["current"]["uv_index"] == 8
    assert "<dt>Chỉ số UV</dt><dd>8</dd>" in full.text
    assert "<dt>UV index</dt><dd>8</dd>" in english.text
    assert "UV" not in compact.text.partition("</style>")[2].partition("<script>")[0]
