"""Whether two checkouts answer alike: the same requests to both, over one store, at the same times.

`.venv/bin/python benchmarks/differential.py BEFORE [--after CHECKOUT] [--meant FILE]`. The code of BEFORE
fills a store from the bundled upstream. Each checkout answers over a copy of it, in a process of its own with
the `.venv` of the checkout (this one's where it has none), without a server and at a set time. Compared are
status, headers and body of all routes by GET, HEAD and POST, with valid and odd parameters, in both languages
and systems of units, while the data is fresh, stale and too old. The exit status is 1 where they differ in
more than is meant: FILE has a regular expression a line, sought in `METHOD TARGET at AGE h: DIFFERENCE`.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, product, zip_longest
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

PUBLIC_URL = "https://widgets.example.gov.vn"
ENVIRONMENT = {
    "PORTAL_WIDGETS_DEMO": "1",
    "PORTAL_WIDGETS_SITE__PUBLIC_URL": PUBLIC_URL,
    "PORTAL_WIDGETS_EDGE__MEMORY": "0B",  # every response is made, none is stored
}
AGES = (0, 4, 48)  # hours since the store was filled: fresh, stale, too old
VALUES = {
    "lang": ("vi", "en", "xx", ""),
    "units": ("metric", "imperial", "x"),
    "theme": ("dark", "light", "auto", "x"),
    "layout": ("compact", "strip", "full", "list", "cards", "headlines", "x"),
    "accent": ("aa2200", "#AA2200", "x", ""),
    "select": ("yes", "no", "x"),
    "city": ("hue", "da-nang", "atlantis", ""),
    "cities": ("hue,da-nang", "hue,atlantis", "HUE", ""),
    "source": ("cong-mau", "cong-mau,bao-mau", "bao-mau,bao-mau", "x"),
    "limit": ("1", "3", "20", "101", "0", "-1", "1_0", "x"),
    "q": ("cho", "x y", "đường", "sa pa", ""),
    "cursor": ("x", ""),
    "type": ("weather", "articles", "portal", "x"),
    "ui": ("en", "vi", "x"),
    "portal_url": ("portal.gov.vn", "http://a b", "javascript:1"),
    "url": (f"{PUBLIC_URL}/widgets/weather/hue", "https://elsewhere.example/", ""),
    "format": ("json", "xml", "x"),
    "maxwidth": ("200", "0", "99999", "x"),
    "maxheight": ("100", "x"),
    "utm_source": ("x",),
}
PLACES = ("hue", "dong-ha", "atlantis", "Huế")
NO_ROUTES = ("/nope", "/api/nope", "/widgets/weather/", "/widgets/weather/hue/", "//hue", "/%ff")
COMBINATIONS = 2_500  # random ones, the same in every run
OF_THE_REQUEST = {"Date", "Age", "X-Request-Id"}
OF_THE_BODY = {"Content-Length", "ETag"}
MAX_PARTS = 12  # of one body that are reported
_PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
_PART_ENDS = re.compile(r"(?<=[>,;{}\n])|(?=<)")
_HASH = re.compile(r"sha256-[^']+")  # of a script or a style in the body

Json = Any


class Request(NamedTuple):
    method: str
    target: str
    age: int

    def __str__(self) -> str:
        return f"{self.method} {self.target} at {self.age} h"


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: str


def main() -> None:
    """Compare two checkouts and exit with 1 where they differ in what is not meant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="a checkout of the earlier commit")
    parser.add_argument("--after", type=Path, default=Path(__file__).parent.parent, help="default: this one")
    parser.add_argument("--meant", type=Path, help="regular expressions of the differences that are meant")
    options = parser.parse_args()
    lines = options.meant.read_text(encoding="utf-8").splitlines() if options.meant else []
    meant = [re.compile(line) for line in lines if line and not line.startswith("#")]
    from service.core.progress import Progress  # noqa: PLC0415 - the children may be of earlier commits

    progress = Progress(sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        before, after = (Checkout(path.resolve(), Path(folder)) for path in (options.before, options.after))
        with progress.lasting("filling the store"):
            before.fill_store()
            requests = requests_of(before.contents(), after.contents())
        checkouts = progress.counted(f"{len(requests)} requests to checkout", (before, after))
        answers = [checkout.answers(requests) for checkout in checkouts]
        pairs = zip(requests, *answers, strict=True)
        sys.exit(report(list(pairs), meant))


class Checkout:
    """The code of one commit, which answers over a store in a folder that both checkouts use in turn."""

    def __init__(self, root: Path, folder: Path) -> None:
        python = root / ".venv/bin/python"
        self._root, self._python = root, str(python) if python.exists() else sys.executable
        self._filled, self._used = folder / "filled", folder / "used"  # one path: pages may name it

    def fill_store(self) -> None:
        """Collect once from the bundled upstream."""
        self._used.mkdir()
        self._run(["-m", "service", "collect", "--once"], "")
        shutil.move(self._used, self._filled)

    def contents(self) -> Json:
        """Return the rules of the routes, the ids of articles and the paths of images."""
        return self._ask(None)

    def answers(self, requests: Sequence[Request]) -> list[Answer]:
        return [Answer(*answer) for answer in self._ask(requests)]

    def _ask(self, requests: Sequence[Request] | None) -> Json:
        shutil.rmtree(self._used, ignore_errors=True)
        shutil.copytree(self._filled, self._used)
        filled = max(file.stat().st_mtime for file in self._filled.glob("*.sqlite3"))
        question = json.dumps({"filled": filled, "requests": requests})
        return json.loads(self._run([str(Path(__file__).resolve()), "--answer"], question))

    def _run(self, arguments: Sequence[str], question: str) -> str:
        environment = {name: value for name, value in os.environ.items() if "PORTAL_WIDGETS" not in name}
        environment |= ENVIRONMENT | {"PORTAL_WIDGETS_STORE__URL": f"sqlite://{self._used}/store.sqlite3"}
        environment["PYTHONPATH"] = str(self._root)
        command = [self._python, "-P", *arguments]
        return subprocess.check_output(command, cwd=self._root, env=environment, input=question, text=True)


def answer() -> None:
    """Answer the requests from standard input with the `service` of a checkout, in a child process."""
    from service.app import create_app  # noqa: PLC0415 - the parent needs none
    from service.settings.load import load  # noqa: PLC0415

    asked = json.load(sys.stdin)
    filled = datetime.fromtimestamp(asked["filled"], UTC)
    now = [filled]
    app = create_app(load(os.environ), clock=lambda: now[0], background=False)
    client = app.test_client(use_cookies=False)
    if asked["requests"] is None:
        articles = client.get("/api/v1/articles?limit=100").get_json()["articles"]
        found: Json = {
            "rules": [rule.rule for rule in app.url_map.iter_rules()],
            "ids": [article["id"] for article in articles],
            "images": [urlsplit(article["image"]["url"]).path for article in articles if article["image"]],
        }
    else:
        found = []
        for method, target, age in asked["requests"]:
            now[0] = filled + timedelta(hours=age)
            response = client.open(target, method=method)
            body = response.get_data().decode(errors="backslashreplace")
            headers = {name: ", ".join(response.headers.getlist(name)) for name, _ in response.headers}
            found.append((response.status_code, headers, body))
    json.dump(found, sys.stdout)


def requests_of(before: Json, after: Json) -> list[Request]:
    """Return all requests, the same in every run over the same articles."""
    paths = list(dict.fromkeys(_paths({*before["rules"], *after["rules"]}, before)))
    queries = {name: [urlencode({name: value}) for value in values] for name, values in VALUES.items()}
    valid = (queries["lang"][:2], queries["units"][:2], queries["layout"][:-1])
    readers = ["&".join(pairs) for pairs in product(*valid)]
    requests = [Request(method, path, 0) for path in paths for method in ("GET", "HEAD", "POST")]
    requests += [Request("GET", f"{path}?{query}", 0) for path in paths for query in chain(*queries.values())]
    requests += [Request("GET", f"{path}?{query}", age) for age, path, query in product(AGES, paths, readers)]
    chance = random.Random(5)
    for _ in range(COMBINATIONS):
        names = chance.sample(list(queries), chance.randint(2, 5))
        query = "&".join(chance.choice(queries[name]) for name in names)
        requests.append(Request("GET", f"{chance.choice(paths)}?{query}", chance.choice(AGES)))
    framed = [path + query for path in paths for query in ("", "?layout=x", "?lang=en&limit=3&city=hue")]
    requests += [Request("GET", f"/oembed?url={quote(PUBLIC_URL + url, safe='')}", 0) for url in framed]
    return list(dict.fromkeys(requests))


def _paths(rules: Iterable[str], contents: Json) -> Iterator[str]:
    """Yield a path for every rule and every value of its placeholders."""
    values = {"city": PLACES, "article_id": (*contents["ids"][:3], "x")}
    for rule in sorted(rules):
        parts = _PLACEHOLDER.split(rule)  # every second one is a placeholder's name
        choices = [values.get(part, ("x",)) if at % 2 else (part,) for at, part in enumerate(parts)]
        yield from (quote("".join(chosen)) for chosen in product(*choices))
    yield from contents["images"][:2]
    yield from NO_ROUTES


def differences(before: Answer, after: Answer) -> Iterator[str]:
    """Yield what differs; headers that follow from the body only where there are equal bodies."""
    if before.status != after.status:
        yield f"status {before.status} -> {after.status}"
        return
    ignored = OF_THE_REQUEST | (set() if before.body == after.body != "" else OF_THE_BODY)
    old, new = (
        {name: _HASH.sub("sha256-", value) for name, value in answer.headers.items() if name not in ignored}
        for answer in (before, after)
    )
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name}: {_excerpts(old.get(name, '(none)'), new.get(name, '(none)'))}"
    if before.body != after.body:
        yield from islice(_changed_parts(before.body, after.body), MAX_PARTS)


def _changed_parts(before: str, after: str) -> Iterator[str]:
    """Yield the parts (elements, texts, declarations, JSON values) that only one of the bodies has."""
    old, new = Counter(_PART_ENDS.split(before)), Counter(_PART_ENDS.split(after))
    changed = list(zip_longest(old - new, new - old, fillvalue="(none)"))
    yield from (f"body: {_excerpts(*pair)}" for pair in changed or [("parts", "parts in another order")])


def _excerpts(old: str, new: str) -> str:
    """Return both texts around the first character that differs."""
    start = max(0, next((at for at, (a, b) in enumerate(zip_longest(old, new)) if a != b), 0) - 30)
    return " -> ".join(repr(text[start : start + 90]) for text in (old, new))


def report(pairs: Sequence[tuple[Request, Answer, Answer]], meant: Sequence[re.Pattern[str]]) -> int:
    """Print the differences that are not meant, in groups; return the exit status."""
    groups: Mapping[str, list[tuple[Request, str]]] = defaultdict(list)
    used = Counter[re.Pattern[str]]()
    for request, before, after in pairs:
        for difference in differences(before, after):
            pattern = next((one for one in meant if one.search(f"{request}: {difference}")), None)
            if pattern:
                used[pattern] += 1
            else:
                groups[re.sub(r"\d+", "0", difference)].append((request, difference))
    for found in sorted(groups.values(), key=len, reverse=True):
        print(f"{len(found):6}  {found[0][1]}\n        {found[0][0]}\n        {found[-1][0]}")
    for pattern in meant:
        print(f"meant: {used[pattern]:6}  {pattern.pattern}")
    remaining = sum(map(len, groups.values()))
    print(
        f"{len(pairs)} responses compared: {remaining} differences that are not meant, {len(groups)} groups"
    )
    return 1 if groups else 0


if __name__ == "__main__":
    answer() if sys.argv[1:] == ["--answer"] else main()
