"""The UV index, from the provider to JSON and widget."""

import json

from changed_tree import NOW, PLACE, ChangedTree, weather_from
from local_upstream import LocalUpstream, ReceivedRequest, Reply
from weather_upstreams import OM_PATH

from service.demo import open_meteo

RECIPE = "To add a value of the weather"


def play(asked: ReceivedRequest) -> Reply:
    """The sample weather with what the sample lacks."""
    variables = asked.query.get("current", "").split(",")
    wanted = {**asked.query, "current": ",".join(name for name in variables if name != "uv_index")}
    status, body = open_meteo.forecast(wanted if "current" in asked.query else asked.query, NOW)
    answer = json.loads(body)
    if "uv_index" in variables:
        answer["current"]["uv_index"], answer["current_units"]["uv_index"] = 8.4, ""
    return Reply(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})


def test_a_field_of_the_model_goes_from_the_provider_to_json_and_the_full_widget(
    tree: ChangedTree, upstream: LocalUpstream
) -> None:
    tree.insert(
        "service/weather/model.py", after="cloud_cover: float | None", lines="uv_index: float | None = None"
    )
    folder = "service/weather/providers/open_meteo"
    tree.insert(
        f"{folder}/payload.py",
        after='cloud_cover = NumberField(CLOUD_COVER, "cloud_cover"',
        lines='uv_index = NumberField(Quantity(0, 20), "uv_index", "")',
    )
    tree.insert(
        f"{folder}/parse.py", after='cloud_cover=values["cloud_cover"],', lines='uv_index=values["uv_index"],'
    )
    tree.insert(
        "service/weather/json.py",
        after='"cloud_cover": _number(current.cloud_cover),',
        lines='"uv_index": _number(current.uv_index),',
    )
    tree.insert(
        "service/weather/presenter.py",
        after='"precipitation": formatter.rain(current.precipitation),',
        lines='"uv_index": None if current.uv_index is None else formatter.number(current.uv_index),',
    )
    for language, text in {"vi": "Chỉ số UV", "en": "UV index"}.items():
        tree.append(f"service/locales/{language}/messages.po", f'\nmsgid "uv_index"\nmsgstr "{text}"')
    settings = weather_from(upstream)
    upstream.handle(OM_PATH, play)
    weather, full, english, compact = tree.get(
        f"/api/v1/weather/{PLACE}",
        f"/widgets/weather/{PLACE}?layout=full",
        f"/widgets/weather/{PLACE}?layout=full&lang=en",
        f"/widgets/weather/{PLACE}",
        collect=True,
        **settings,
    )
    assert json.loads(weather.text)["current"]["uv_index"] == 8.4
    assert "<dt>Chỉ số UV</dt><dd>8</dd>" in full.text
    assert "<dt>UV index</dt><dd>8</dd>" in english.text
    assert "UV" not in compact.text.partition("</style>")[2].partition("<script>")[0]
