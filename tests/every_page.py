"""The addresses of every page in every state: for the judges, who are to see them all."""

from itertools import product

from newsroom import BODY, ILLUSTRATION, Newsroom, article
from web_site import LANGUAGES

WEATHER = tuple(f"/widgets/weather/hue?layout={layout}" for layout in ("compact", "strip", "full"))
PICTURE = "/widgets/weather/hue.svg"
FAULTS = (
    "/widgets/weather/nowhere",
    "/widgets/weather/nowhere?select=no",
    "/widgets/weather/vinh",
    "/widgets/weather/hue?layout=round&accent=red",
    "/widgets/articles",
    "/widgets/articles?limit=many",
    "/widgets/portal?city=hue",
    "/widgets/portal?city=nowhere",
    "/nowhere",
    "/articles/nothing",
)
PEOPLE = (
    "/api/docs",
    "/",
    "/?type=articles&layout=cards",
    "/?type=portal&check=https%3A%2F%2Fportal.example.gov.vn",
    "/?city=nowhere&accent=red&check=%22%3E",
    "/status",
)
SNIPPET = 98  # the number of the article whose source allows no more
NEWS = (
    *(f"/widgets/articles?layout={layout}&limit=8" for layout in ("list", "cards", "headlines")),
    "/widgets/portal?city=hue",
    f"/articles/{0:016x}?city=hue",
    f"/articles/{1:016x}?city=nowhere",
    f"/articles/{SNIPPET:016x}?city=hue",
)


def in_languages(paths: tuple[str, ...]) -> list[str]:
    """Each of them in each language."""
    return [_in(path, language) for path, language in product(paths, LANGUAGES)]


def by_turns(paths: tuple[str, ...], first: int = 0) -> list[str]:
    """Each of them in one language, the first of them in that of this number."""
    return [_in(path, LANGUAGES[(n + first) % len(LANGUAGES)]) for n, path in enumerate(paths)]


def _in(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def put_news(room: Newsroom, **other: str) -> None:
    """Articles with and without a picture, one of them from a source that allows no whole ones."""
    room.put_pictures()
    pictures = (ILLUSTRATION, None)
    room.repository.save([article(n, body_html=BODY, image=pictures[n % 2], **other) for n in range(21)])
    room.repository.save([article(SNIPPET, source="thanh-pho")])
