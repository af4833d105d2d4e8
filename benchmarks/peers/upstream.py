"""The weather service and the portals of the benchmarks: quick, always well, and counting."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from service.demo import open_meteo

counts = {"forecast": 0, "rss": 0}
told: dict[tuple[bool, int], dict[str, object]] = {}
fresh = itertools.count()


def forecast(query: dict[str, str]) -> bytes:
    """What is worked out for one place a minute is told of all."""
    now = datetime.now(UTC)  # noqa: TID251 - the service's clock is the real one
    latitudes, longitudes = query["latitude"].split(","), query["longitude"].split(",")
    kind = ("current" in query, int(now.timestamp()) // 60)
    if kind not in told:
        several = {"latitude", "longitude", "timezone"}
        alone = {name: value.split(",")[0] if name in several else value for name, value in query.items()}
        told[kind] = json.loads(open_meteo.forecast(alone, now)[1])
    places = [
        told[kind] | {"latitude": float(latitude), "longitude": float(longitude)}
        for latitude, longitude in zip(latitudes, longitudes, strict=True)
    ]
    return json.dumps(places if len(places) > 1 else places[0]).encode()


def rss(name: str, articles: int) -> bytes:
    """So many articles, of which one is new with every request."""
    now, newest = datetime.now(UTC), next(fresh)  # noqa: TID251 - as above
    numbers = [*range(articles - 1), 1_000_000 + newest]
    items = "".join(
        f"<item><title>Phường số {number} sửa đường</title><link>https://portal.example/{name}/{number}</link>"
        f"<pubDate>{format_datetime(now - timedelta(minutes=7 * (articles - place)))}</pubDate>"
        f"<description>{'Việc sửa mặt đường được làm vào ban đêm. ' * 5}</description></item>"
        for place, number in enumerate(numbers)
    )
    return f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        query = dict(parse_qsl(asked.query))
        kind, body = "application/json", b"{}"
        if asked.path == "/v1/forecast":
            counts["forecast"] += 1
            body = forecast(query)
        elif asked.path == "/counts":
            body = json.dumps(counts).encode()
        elif asked.path.startswith("/rss/"):
            counts["rss"] += 1
            kind, body = "application/rss+xml", rss(asked.path[5:], int(query["articles"]))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
