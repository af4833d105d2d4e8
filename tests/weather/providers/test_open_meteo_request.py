from dataclasses import replace
from itertools import repeat
from urllib.parse import urlencode, urlsplit

import pytest

from service.places.model import Place
from service.weather.model import Dataset
from service.weather.providers.open_meteo.provider import FREE_PLAN_NOTE, OpenMeteo
from service.weather.providers.open_meteo.settings import URL


def test_current_values_ask_for_exactly_eleven_variables(dong_ha: Place) -> None:
    params = OpenMeteo().request(Dataset.CURRENT, [dong_ha]).params
    assert params["current"].split(",") == [
        "temperature_2m",
        "relative_humidity_2m",
        "apparent_temperature",
        "is_day",
        "precipitation",
        "weather_code",
        "cloud_cover",
        "wind_speed_10m",
        "wind_direction_10m",
        "wind_gusts_10m",
        "pressure_msl",
    ]
    assert not {"hourly", "daily", "forecast_days"} & params.keys()


def test_the_outlook_asks_for_eight_days_and_one_more_that_costs_nothing(dong_ha: Place) -> None:
    params = OpenMeteo().request(Dataset.HOURLY, [dong_ha]).params
    assert params["hourly"] == (
        "temperature_2m,precipitation,precipitation_probability,weather_code,wind_speed_10m,is_day"
    )
    assert params["daily"] == "sunrise,sunset"
    assert params["forecast_days"] == "9"  # whose first time tells the precipitation of the hour before it
    assert "current" not in params
    assert OpenMeteo().cost(Dataset.HOURLY) == 1  # of up to 14 days with up to ten variables


@pytest.mark.parametrize("dataset", Dataset)
def test_units_and_the_form_of_times_are_named_in_every_request(dataset: Dataset, dong_ha: Place) -> None:
    params = OpenMeteo().request(dataset, [dong_ha]).params
    assert params["wind_speed_unit"] == "kmh"
    assert params["temperature_unit"] == "celsius"
    assert params["precipitation_unit"] == "mm"
    assert params["timeformat"] == "iso8601"
    assert params["timezone"] == "auto"


def test_all_places_go_into_one_request_in_their_order(dong_ha: Place, melbourne: Place) -> None:
    params = OpenMeteo().request(Dataset.CURRENT, [dong_ha, melbourne]).params
    assert params["latitude"] == "16.8163,-37.8136"
    assert params["longitude"] == "107.1003,144.9631"


def test_coordinates_have_four_decimals_at_the_most(dong_ha: Place) -> None:
    precise = replace(dong_ha, latitude=16.81634999, longitude=-0.00001)
    params = OpenMeteo().request(Dataset.CURRENT, [precise]).params
    assert (params["latitude"], params["longitude"]) == ("16.8163", "0")


def test_a_place_costs_a_tenth_of_the_variables_and_never_less_than_one_unit(dong_ha: Place) -> None:
    for dataset in Dataset:
        params = OpenMeteo().request(dataset, [dong_ha]).params
        lists = [params[name].split(",") for name in ("current", "hourly", "daily") if name in params]
        assert OpenMeteo().cost(dataset) == pytest.approx(max(1.0, sum(map(len, lists)) / 10))
    assert OpenMeteo().cost(Dataset.CURRENT) > 1.0


def test_the_free_plan_allows_its_published_limits() -> None:
    terms = OpenMeteo().limits
    assert (terms.daily_budget, terms.hour_budget, terms.minute_budget) == (10_000, 5_000, 600)
    assert terms.max_places == 270


@pytest.mark.parametrize("budget", [1, 100, 1_000, 10_000, 1_000_000])
def test_a_batch_always_fits_the_minute(budget: float) -> None:
    provider = OpenMeteo(daily_budget=budget)
    assert provider.limits.max_places >= 1
    assert provider.limits.minute_budget is not None
    assert provider.limits.max_places * provider.cost(Dataset.CURRENT) <= provider.limits.minute_budget


def test_the_limits_of_hour_and_minute_scale_with_the_day() -> None:
    terms = OpenMeteo(daily_budget=2_000).limits
    assert (terms.hour_budget, terms.minute_budget) == (1_000, 120)
    assert terms.max_places == int(120 / max(map(OpenMeteo().cost, Dataset)))


@pytest.mark.parametrize("dataset", Dataset)
def test_the_longest_batch_keeps_the_url_under_eight_thousand_characters(
    dataset: Dataset, dong_ha: Place
) -> None:
    wide = replace(dong_ha, latitude=-89.1234, longitude=-179.1234)
    provider = OpenMeteo(api_key="secret")
    request = provider.request(dataset, list(repeat(wide, provider.limits.max_places)))
    assert len(f"{request.url}?{urlencode(request.params)}") < 8_000


def test_without_a_key_the_free_host_is_asked(dong_ha: Place) -> None:
    request = OpenMeteo().request(Dataset.CURRENT, [dong_ha])
    assert request.url == URL
    assert not request.headers


def test_a_key_goes_to_the_customer_host_and_into_a_header_only(dong_ha: Place) -> None:
    provider = OpenMeteo(api_key="secret")
    request = provider.request(Dataset.CURRENT, [dong_ha])
    assert request.url == "https://customer-api.open-meteo.com/v1/forecast"
    assert request.headers == {"x-api-key": "secret"}
    assert "secret" not in request.url + repr(request.params) + repr(provider)


def test_a_configured_endpoint_is_kept_with_a_key(dong_ha: Place) -> None:
    provider = OpenMeteo("http://127.0.0.1:8123/v1/forecast", "secret")
    request = provider.request(Dataset.CURRENT, [dong_ha])
    assert urlsplit(request.url).netloc == "127.0.0.1:8123"
    assert request.headers == {"x-api-key": "secret"}


def test_the_note_on_the_free_plan_says_not_commercial() -> None:
    assert "non-commercial" in FREE_PLAN_NOTE
    assert FREE_PLAN_NOTE.count(". ") == 0
