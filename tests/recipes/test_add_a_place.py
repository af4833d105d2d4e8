import json

from changed_tree import ChangedTree

RECIPE = "To add a city"
ROW = {
    "id": "cu-lao-re",
    "name_vi": "Cù Lao Ré",
    "name_en": "Cu Lao Re Island",
    "latitude": "15.3811",
    "longitude": "109.1203",
    "province_before": "Quảng Ngãi",
    "province_now": "Quảng Ngãi",
    "kind": "island",
    "aliases": "đảo Tỏi",
}
TABLE = """
[[weather.city]]
id = "savannakhet"
name = { vi = "Xa-vẳn-na-khệt", en = "Savannakhet" }
country = "LA"
latitude = 16.5563
longitude = 104.7573
timezone = "Asia/Vientiane"
"""


def test_a_line_of_the_table_is_a_place_with_a_widget_that_the_search_finds(tree: ChangedTree) -> None:
    table = "service/places/places.tsv"
    columns = next(line for line in tree.read(table).splitlines() if line.startswith("id\t")).split("\t")
    tree.append(table, "\t".join(ROW.get(column, "") for column in columns))
    widget, english, by_name, by_alias, start, select = tree.get(
        "/widgets/weather/cu-lao-re",
        "/widgets/weather/cu-lao-re?lang=en",
        "/api/v1/cities?q=cu+lao+re&limit=1",
        "/api/v1/cities?q=dao+toi&limit=1",
        "/?city=cu-lao-re&ui=vi",
        "/widgets/weather/hue",
    )
    assert (widget.status, english.status, start.status) == (200, 200, 200)
    assert "Cù Lao Ré" in widget.text
    assert "Cu Lao Re Island" in english.text
    for found in (by_name, by_alias):
        (city,) = json.loads(found.text)["cities"]
        assert (city["id"], city["latitude"], city["country"]) == ("cu-lao-re", 15.3811, "VN")
    assert "/widgets/weather/cu-lao-re" in start.text
    assert "Cù Lao Ré" in select.text


def test_a_table_of_the_configuration_is_a_place_likewise(tree: ChangedTree) -> None:
    file = tree.home / "config.toml"
    file.write_text(TABLE, encoding="utf-8")
    widget, found = tree.get(
        "/widgets/weather/savannakhet", "/api/v1/cities?q=xa+van+na+khet&limit=1", config=str(file)
    )
    assert widget.status == 200
    assert "Xa-vẳn-na-khệt" in widget.text
    assert [city["id"] for city in json.loads(found.text)["cities"]] == ["savannakhet"]
