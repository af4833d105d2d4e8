"""The format of the log, ids of requests, and addresses without the part that names somebody."""

import json
import logging
import re

import pytest

from service.core.logs import LogFormatter, cut_address, request_id, usable_request_id
from service.core.secrets import Secrets

SECRET = "s3cr3t-k3y-0123456789"


def record(message: str = "%d places fetched", *given: object, fails: bool = False) -> logging.LogRecord:
    fault = ValueError(SECRET)
    exc_info = (ValueError, fault, fault.__traceback__) if fails else None
    arguments = given or (3,)
    return logging.LogRecord("service.x", logging.WARNING, __file__, 1, message, arguments, exc_info)


@pytest.fixture
def formatter() -> LogFormatter:
    made = LogFormatter("collect weather")
    made.secrets = Secrets.of(keys=[SECRET])
    return made


def test_a_line_has_time_with_zone_process_and_level(formatter: LogFormatter) -> None:
    line = formatter.format(record())
    time, _, rest = line.partition(" collect weather[")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", time)
    assert re.fullmatch(r"\d+\] WARNING 3 places fetched", rest)


def test_json_is_one_object_a_line_with_the_same(formatter: LogFormatter) -> None:
    formatter.as_json = True
    told = formatter.format(record("Đông Hà:\n%s", '"x"', fails=True))
    assert "\n" not in told
    fields = json.loads(told)
    assert fields["message"] == 'Đông Hà:\n"x"'
    told = fields["level"], fields["process"], fields["logger"]
    assert told == ("WARNING", "collect weather", "service.x")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", fields["time"])
    assert "ValueError" in fields["traceback"]


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_no_secret_is_in_a_line(formatter: LogFormatter, as_json: bool) -> None:
    formatter.as_json = as_json
    assert SECRET not in formatter.format(record("asked with %s", SECRET, fails=True))


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_the_request_is_named_while_it_is_handled(formatter: LogFormatter, as_json: bool) -> None:
    formatter.as_json = as_json
    token = request_id.set("abc-1")
    within = formatter.format(record())
    request_id.reset(token)
    assert "abc-1" in within
    assert "request" not in formatter.format(record())


@pytest.mark.parametrize("given", ["a", "A.b_c-9", "0" * 64])
def test_a_plain_id_is_taken_over(given: str) -> None:
    assert usable_request_id(given) == given


@pytest.mark.parametrize(
    "given", [None, "", "0" * 65, "a b", "a\n", "<b>", "é", "a/b", "a;b", "٣", 'x"y', "%41"]
)
def test_any_other_is_replaced_by_one_of_ours(given: str | None) -> None:
    made = usable_request_id(given)
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", made)
    assert made != given
    assert usable_request_id(given) != made


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("127.0.0.1", "127.0.0.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, cut: str) -> None:
    assert cut_address(address) == cut
