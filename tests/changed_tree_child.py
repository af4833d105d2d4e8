"""Run by `changed_tree.py` in another process: asks the service that PYTHONPATH leads to, at a given time."""

import json
import os
import sys
from datetime import datetime

import service
from service.app import create_app
from service.bootstrap_collect import make_weather_collector
from service.settings.load import load

told = json.load(sys.stdin)
now = datetime.fromisoformat(told["now"])
settings = load(os.environ)
if told["collect"]:
    make_weather_collector(settings, lambda _: False, clock=lambda: now).run()
client = create_app(settings, clock=lambda: now, background=False).test_client(use_cookies=False)
answers = [client.get(path) for path in told["paths"]]
json.dump(
    [service.__file__, [[answer.status_code, dict(answer.headers), answer.text] for answer in answers]],
    sys.stdout,
)
