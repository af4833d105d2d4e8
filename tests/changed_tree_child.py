"""Run by `changed_tree.py` in another process: asks the service that PYTHONPATH leads to, at a given time."""

import json
import os
import sys
from contextlib import ExitStack
from datetime import datetime

import service
from service.app import create_app
from service.bootstrap_collect import make_weather_collector, with_demo
from service.demo.server import DemoUpstream
from service.settings.load import load

told = json.load(sys.stdin)
now = datetime.fromisoformat(told["now"])
settings = load(os.environ)
if told["collect"]:
    with ExitStack() as resources:
        sample = DemoUpstream(lambda: now) if settings.demo else None
        collected = with_demo(settings, resources, sample)
        make_weather_collector(collected, lambda _: False, clock=lambda: now).run()
client = create_app(settings, clock=lambda: now, background=False).test_client(use_cookies=False)
answers = [client.get(path) for path in told["paths"]]
json.dump(
    [service.__file__, [[answer.status_code, dict(answer.headers), answer.text] for answer in answers]],
    sys.stdout,
)
