"""How much travels to a reader, in brotli at its best: what is sent from a second after the first answer."""

from pathlib import Path

import brotli
import pytest
from newsroom import Newsroom, article
from web_site import Site

from service.places.catalogue import built_in_places
from service.web.widget_options import ArticleLayout

PLACES = len(built_in_places())  # each is an option of the select, in the group of its province
PROVINCES = len({place.provinces[-1] for place in built_in_places()})
SELECT = 10 * PLACES + 8 * PROVINCES


def weight(body: bytes) -> int:
    return len(brotli.compress(body, quality=11))


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/widgets/weather/dong-ha", 2_500 + SELECT),
        ("/widgets/weather/dong-ha?layout=strip", 2_500),
        ("/widgets/weather/dong-ha?layout=full", 6_420 + SELECT),
        ("/widgets/weather/dong-ha.svg", 2_000),
        ("/embed.js", 2_000),
    ],
)
def test_the_weather_is_light(site: Site, path: str, most: int) -> None:
    assert weight(site.get(path).data) <= most


@pytest.mark.parametrize("layout", list(ArticleLayout))
def test_articles_without_pictures_are_light(tmp_path: Path, layout: ArticleLayout) -> None:
    room = Newsroom.in_folder(tmp_path)
    room.repository.save([article(n) for n in range(20)])
    assert weight(room.client.get(f"/widgets/articles?layout={layout}").data) <= 5_000
    room.store.close()
