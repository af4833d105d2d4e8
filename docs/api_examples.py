"""Records the responses that the OpenAPI document has as examples, from a demo at a fixed time.

Run it by hand when a response has changed: `.venv/bin/python docs/api_examples.py`.
"""

import json
import re
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from demo_service import demo

FILE = Path(__file__).parents[1] / "service" / "api_docs" / "examples.json"
_UPSTREAM = re.compile(r"http://127\.0\.0\.1:[0-9]+")
_read = build_opener(ProxyHandler({})).open


def main() -> None:
    """Request every example of the document, and write down what came."""
    with demo() as url:
        from service.app import create_app  # noqa: PLC0415 - the declarations alone are wanted
        from service.settings.load import load  # noqa: PLC0415 - likewise
        from service.web.views import SERVER  # noqa: PLC0415 - likewise

        views = create_app(load({}), background=False).extensions["views"]
        with _read(f"{url}/api/v1/articles?limit=1") as answer:
            article_id = json.load(answer)["articles"][0]["id"]
        recorded = {}
        for request in (one for view in views if view.description for one in view.description.examples):
            with _read(url + request.replace("{article_id}", article_id).replace(SERVER, url)) as answer:
                told = answer.read().decode().replace(url, "https://widgets.example.gov.vn")
                recorded[request] = json.loads(_UPSTREAM.sub("https://portal.example.gov.vn", told))
    FILE.write_text(json.dumps(recorded, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    sys.stdout.write(f"{FILE}: {len(recorded)} responses\n")


if __name__ == "__main__":
    main()
