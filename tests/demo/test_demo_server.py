"""The bundled upstream over real sockets."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from service.demo import met_norway, open_meteo
from service.demo.server import MET_NORWAY_PATH, OPEN_METEO_PATH, DemoUpstream

NOW = datetime(2026, 11, 22, 3, 7, tzinfo=UTC)
US = {"User-Agent": "portal-widgets/0.1 ops@example.gov.vn"}


@pytest.fixture
def upstream() -> Iterator[DemoUpstream]:
    with DemoUpstream(lambda: NOW) as demo:
        yield demo


def test_open_meteo_answers_as_its_pure_function_says(upstream: DemoUpstream) -> None:
    query = {"latitude": "16.8163,21.0245", "longitude": "107.1003,105.8412", "current": "temperature_2m"}
    answer = requests.get(upstream.url + OPEN_METEO_PATH, query, timeout=10)
    assert (answer.status_code, answer.content) == open_meteo.forecast(query, NOW)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Date"] == "Sun, 22 Nov 2026 03:07:00 GMT"


def test_a_storm_is_played_by_both_providers() -> None:
    place, query = (
        {"lat": "16.8", "lon": "107.1"},
        {"latitude": "16.8", "longitude": "107.1", "hourly": "precipitation"},
    )
    with DemoUpstream(lambda: NOW, storm=True) as demo:
        said = requests.get(demo.url + OPEN_METEO_PATH, query, timeout=10)
        told = requests.get(demo.url + MET_NORWAY_PATH, place, headers=US, timeout=10)
    assert (said.status_code, said.content) == open_meteo.forecast(query, NOW, storm=True)
    assert (
        told.content
        == met_norway.locationforecast(place, {"user-agent": US["User-Agent"]}, NOW, storm=True)[2]
    )


def test_repeated_parameters_are_one_list(upstream: DemoUpstream) -> None:
    query = [("latitude", "16.8"), ("longitude", "107.1"), ("current", "is_day"), ("current", "cloud_cover")]
    answer = requests.get(upstream.url + OPEN_METEO_PATH, query, timeout=10).json()
    assert list(answer["current"]) == ["time", "interval", "is_day", "cloud_cover"]


def test_a_fault_of_the_query_is_a_400_on_the_wire(upstream: DemoUpstream) -> None:
    answer = requests.get(
        upstream.url + OPEN_METEO_PATH, {"latitude": "522.52", "longitude": "13.4"}, timeout=10
    )
    assert answer.status_code == 400
    assert answer.json()["error"] is True


def test_met_norway_answers_as_its_pure_function_says(upstream: DemoUpstream) -> None:
    query = {"lat": "16.8163", "lon": "107.1003"}
    answer = requests.get(upstream.url + MET_NORWAY_PATH, query, headers=US, timeout=10)
    status, headers, body = met_norway.locationforecast(query, {"user-agent": US["User-Agent"]}, NOW)
    assert (answer.status_code, answer.content) == (status, body)
    assert headers.items() <= answer.headers.items()
    assert answer.headers["Date"] == "Sun, 22 Nov 2026 03:07:00 GMT"


def test_one_connection_carries_a_304_and_what_comes_after_it(upstream: DemoUpstream) -> None:
    query = {"lat": "16.8163", "lon": "107.1003"}
    with requests.Session() as session:
        session.headers.update(US)
        first = session.get(upstream.url + MET_NORWAY_PATH, params=query, timeout=10)
        since = {"If-Modified-Since": first.headers["Last-Modified"]}
        second = session.get(upstream.url + MET_NORWAY_PATH, params=query, headers=since, timeout=10)
        third = session.get(upstream.url + MET_NORWAY_PATH, params=query, timeout=10)
    assert (second.status_code, second.content) == (304, b"")
    assert third.content == first.content


def test_met_norway_refuses_the_unknown(upstream: DemoUpstream) -> None:
    assert (
        requests.get(upstream.url + MET_NORWAY_PATH, {"lat": "16.8", "lon": "107.1"}, timeout=10).status_code
        == 403
    )


def test_another_path_is_a_404(upstream: DemoUpstream) -> None:
    assert requests.get(upstream.url + "/v1/archive", timeout=10).status_code == 404


def test_a_whole_country_fits_one_address(upstream: DemoUpstream) -> None:
    count = 270
    query = {
        "latitude": ",".join(f"{9 + 0.05 * n:.4f}" for n in range(count)),
        "longitude": ",".join(["107.1003"] * count),
        "current": "temperature_2m",
    }
    assert len(requests.get(upstream.url + OPEN_METEO_PATH, query, timeout=30).json()) == count


def test_many_at_once_each_get_their_own_answer(upstream: DemoUpstream) -> None:
    def ask(number: int) -> bool:
        query = {
            "latitude": f"{9 + number / 8}",
            "longitude": "107.1",
            "current": "temperature_2m,weather_code",
        }
        answer = requests.get(upstream.url + OPEN_METEO_PATH, query, timeout=30)
        return (answer.status_code, answer.content) == open_meteo.forecast(query, NOW)

    with ThreadPoolExecutor(16) as crowd:
        assert all(crowd.map(ask, range(64)))


def test_the_clock_is_asked_at_every_answer() -> None:
    hours = iter(range(2, 24))  # the first is when the demo begins
    with DemoUpstream(lambda: NOW.replace(hour=next(hours))) as demo:
        query = {"latitude": "16.8", "longitude": "107.1", "current": "is_day"}
        times = [
            requests.get(demo.url + OPEN_METEO_PATH, query, timeout=10).json()["current"]["time"]
            for _ in range(2)
        ]
    assert times == ["2026-11-22T03:00", "2026-11-22T04:00"]


def test_after_close_nobody_answers_not_even_on_an_open_connection() -> None:
    demo = DemoUpstream(lambda: NOW)
    demo.start()
    path = "/v1/forecast?" + urlencode({"latitude": "16.8", "longitude": "107.1", "current": "is_day"})
    connection = http.client.HTTPConnection(urlsplit(demo.url).netloc, timeout=10)
    connection.request("GET", path)
    assert json.loads(connection.getresponse().read())["current"]["is_day"] == 1
    demo.close()
    with pytest.raises(
        (OSError, http.client.HTTPException)
    ):  # reset, cut short or refused, as the system likes
        ask_again(connection, path)
    with pytest.raises(requests.ConnectionError):
        requests.get(demo.url + path, timeout=10)
    connection.close()


def ask_again(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    return connection.getresponse().read()


def test_closing_twice_or_before_the_start_does_no_harm() -> None:
    with DemoUpstream(lambda: NOW) as demo:
        pass
    demo.close()
    DemoUpstream(lambda: NOW).close()


def test_nothing_is_written_to_the_terminal(
    upstream: DemoUpstream, capfd: pytest.CaptureFixture[str]
) -> None:
    requests.get(upstream.url + "/nowhere", timeout=10)
    connection = http.client.HTTPConnection(urlsplit(upstream.url).netloc, timeout=10)
    connection.putrequest("BREW", "/pot")
    connection.endheaders()
    assert connection.getresponse().status == 501
    connection.close()
    assert capfd.readouterr() == ("", "")
