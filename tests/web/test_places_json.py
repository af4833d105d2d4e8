import pytest
from web_site import Site

ASKED = ["dong ha", "Đông Hà", "ĐÔNG HÀ", "đông  hà", "Dong Ha", "%C4%90o%CC%82ng%20Ha%CC%80"]


def test_a_place_is_told_field_for_field(site: Site) -> None:
    told = site.json("/api/v1/cities/dong-ha")
    assert told == {
        "id": "dong-ha",
        "name": "Đông Hà",
        "names": {"vi": "Đông Hà", "en": "Dong Ha"},
        "country": "VN",
        "latitude": 16.8163,
        "longitude": 107.1003,
        "timezone": "Asia/Ho_Chi_Minh",
    }
    assert list(told)[:3] == ["id", "name", "names"]


def test_the_list_holds_the_same_objects(site: Site) -> None:
    (found,) = site.json("/api/v1/cities?q=dong ha&limit=1")["cities"]
    assert found == site.json("/api/v1/cities/dong-ha")


@pytest.mark.parametrize("query", ASKED)
def test_search_ignores_diacritics_case_and_spaces(site: Site, query: str) -> None:
    assert site.json(f"/api/v1/cities?q={query}")["cities"][0]["id"] == "dong-ha"


@pytest.mark.parametrize("query", ["", "q=", "q=%20%20"])
def test_without_a_query_the_first_fifty_are_listed(site: Site, query: str) -> None:
    assert len(site.json(f"/api/v1/cities?{query}")["cities"]) == 50


def test_all_places_can_be_had_in_one_answer(site: Site) -> None:
    everything = site.json("/api/v1/cities?limit=500")["cities"]
    assert len(everything) >= 150
    assert len({place["id"] for place in everything}) == len(everything)


@pytest.mark.parametrize("limit", ["1", "7", "007"])
def test_no_more_are_listed_than_asked_for(site: Site, limit: str) -> None:
    assert len(site.json(f"/api/v1/cities?limit={limit}")["cities"]) == int(limit)


@pytest.mark.parametrize(
    "limit",
    ["0", "501", "-1", "1.5", "1e2", "1_0", "%EF%BC%91", "ten", "+5", "%205", "9" * 30, "9" * 5000, "0x1"],
)
def test_a_limit_out_of_its_range_is_refused_with_the_range(site: Site, limit: str) -> None:
    answer = site.get(f"/api/v1/cities?limit={limit}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"] == {"limit": ["Must be a whole number from 1 to 500."]}


def test_names_are_told_in_the_language_asked_for(site: Site) -> None:
    assert site.json("/api/v1/cities/dong-ha?lang=en")["name"] == "Dong Ha"
    assert site.json("/api/v1/cities?q=hue&lang=en")["cities"][0]["name"] == "Hue"


def test_nothing_found_is_an_empty_list(site: Site) -> None:
    assert site.json("/api/v1/cities?q=zzzzzzzz") == {"cities": []}


def test_an_unknown_place_is_a_404_that_names_it_and_says_where_all_are(site: Site) -> None:
    problem = site.get("/api/v1/cities/dong-haa").get_json()
    assert "“dong-haa”" in problem["detail"]
    assert "dong-ha" in problem["detail"]
    assert "/api/v1/cities" in problem["detail"]


def test_the_nearest_places_come_first_with_their_distances(site: Site) -> None:
    told = site.json("/api/v1/cities?latitude=16.8163&longitude=107.1003&limit=4")["cities"]
    assert (told[0]["id"], told[0]["distance_km"]) == ("dong-ha", 0.0)
    distances = [place["distance_km"] for place in told]
    assert len(told) == 4
    assert distances == sorted(distances)
    assert 0 < distances[1] < 25
    assert "distance_km" not in site.json("/api/v1/cities?q=hue&limit=1")["cities"][0]


def test_a_distance_is_that_along_the_great_circle(site: Site) -> None:
    """From Hà Nội to Huế it is some 540 km; over the pole and the date line it is not the long way round."""
    hue = next(
        place
        for place in site.json("/api/v1/cities?latitude=21.0285&longitude=105.8542&limit=500")["cities"]
        if place["id"] == "hue"
    )
    assert 530 < hue["distance_km"] < 550
    farthest = site.json("/api/v1/cities?latitude=-16.5&longitude=-73&limit=500")["cities"][-1]
    assert 19_000 < farthest["distance_km"] < 20_016


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ("latitude=16.8", {"longitude"}),
        ("longitude=107", {"latitude"}),
        ("latitude=16.8&longitude=107&q=hue", {"q"}),
        ("latitude=91&longitude=107", {"latitude"}),
        ("latitude=-90.01&longitude=-180.01", {"latitude", "longitude"}),
        ("latitude=nan&longitude=inf", {"latitude", "longitude"}),
        ("latitude=1e9&longitude=1_0", {"latitude", "longitude"}),
        ("latitude=16,8&longitude=107", {"latitude"}),
        ("latitude=%EF%BC%91&longitude=+7", {"latitude", "longitude"}),
    ],
)
def test_half_a_point_and_what_is_none_are_refused(site: Site, query: str, at_fault: set[str]) -> None:
    answer = site.get(f"/api/v1/cities?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"].keys() == at_fault


def test_the_ends_of_the_earth_are_points(site: Site) -> None:
    for query in ("latitude=90&longitude=180", "latitude=-90.0&longitude=-180", "latitude=0&longitude=-0.5"):
        assert site.json(f"/api/v1/cities?{query}&limit=1")["cities"]
