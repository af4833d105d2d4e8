"""The supervisor of the collecting processes: real processes, real signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commands import is_alive, running, until

SUPERVISOR = """
import logging, sys
from service.collector.supervisor import Supervisor
logging.basicConfig(level=logging.INFO)
parts = dict(zip(sys.argv[1::2], sys.argv[2::2]))
supervisor = Supervisor(
    list(parts), lambda part: [sys.executable, "-c", parts[part]],
    set_store_aside=lambda: print("mended", flush=True), hangs_after=2.0,
)
sys.exit(supervisor.run())
"""
LIFELINE = "from service.collector.supervisor import end_with_parent; end_with_parent(0);"
NOTES = LIFELINE + "import os, sys, time; open({file!r}, 'a').write(str(os.getpid()) + '\\n');"
LIVES = NOTES + "fd = int(sys.argv[2])\nwhile True: os.write(fd, b'.'); time.sleep(0.1)"
HANGS = NOTES + "os.write(int(sys.argv[2]), b'.'); pow(3, 10**10)"
ENDS = NOTES + "sys.exit({status})"


@contextmanager
def supervising(home: Path, **parts: str) -> Iterator[subprocess.Popen[str]]:
    arguments = [word for name, script in parts.items() for word in (name, script)]
    with running("-c", SUPERVISOR, *arguments, home=home) as process:
        yield process
    for name in parts:
        until(lambda name=name: not any(map(is_alive, started(home, name))), seconds=2)


def part(home: Path, name: str, script: str, **values: object) -> dict[str, str]:
    return {name: script.format(file=str(home / name), **values)}


def started(home: Path, name: str) -> list[int]:
    """The ids of the processes that ran a part, in their order."""
    file = home / name
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def the_log(home: Path) -> str:
    return (home / "log").read_text()


def test_every_part_has_a_process_and_all_end_at_sigterm(tmp_path: Path) -> None:
    parts = part(tmp_path, "weather", LIVES) | part(tmp_path, "articles", LIVES)
    with supervising(tmp_path, **parts) as supervisor:
        until(lambda: started(tmp_path, "weather") and started(tmp_path, "articles"))
        supervisor.terminate()
        assert supervisor.wait(10) == 0


def test_a_part_that_died_is_replaced_and_the_others_go_on(tmp_path: Path) -> None:
    parts = part(tmp_path, "weather", LIVES) | part(tmp_path, "articles", LIVES)
    with supervising(tmp_path, **parts):
        until(lambda: started(tmp_path, "weather") and started(tmp_path, "articles"))
        (first,) = started(tmp_path, "articles")
        os.kill(first, signal.SIGKILL)
        until(lambda: len(started(tmp_path, "articles")) == 2)
        assert len(started(tmp_path, "weather")) == 1
    assert f"articles (process {first}) ended: by signal {signal.SIGKILL:d}" in the_log(tmp_path)


def test_a_part_that_is_busy_in_c_and_shows_no_sign_of_life_is_replaced(tmp_path: Path) -> None:
    with supervising(tmp_path, **part(tmp_path, "weather", LIVES), **part(tmp_path, "articles", HANGS)):
        until(lambda: len(started(tmp_path, "articles")) == 2)
        first, _ = started(tmp_path, "articles")
        until(lambda: not is_alive(first))
        assert len(started(tmp_path, "weather")) == 1
    assert f"articles (process {first}) has shown no sign of life for 2 s" in the_log(tmp_path)


def test_a_part_that_was_stopped_by_the_kernel_is_replaced_too(tmp_path: Path) -> None:
    with supervising(tmp_path, **part(tmp_path, "weather", LIVES)):
        until(lambda: started(tmp_path, "weather"))
        os.kill(started(tmp_path, "weather")[0], signal.SIGSTOP)
        until(lambda: len(started(tmp_path, "weather")) == 2)


def test_parts_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    with supervising(tmp_path, **part(tmp_path, "weather", HANGS)) as supervisor:
        until(lambda: started(tmp_path, "weather"))
        supervisor.kill()
        until(lambda: not is_alive(started(tmp_path, "weather")[0]), seconds=2)


def test_a_part_that_has_nothing_to_do_is_not_started_again(tmp_path: Path) -> None:
    parts = part(tmp_path, "weather", LIVES) | part(tmp_path, "articles", ENDS, status=4)
    with supervising(tmp_path, **parts) as supervisor:
        until(lambda: started(tmp_path, "articles"))
        until(lambda: started(tmp_path, "weather"))
        os.kill(started(tmp_path, "weather")[0], signal.SIGKILL)
        until(lambda: len(started(tmp_path, "weather")) == 2)  # a second look has been taken meanwhile
        supervisor.terminate()
        assert supervisor.wait(10) == 0
    assert len(started(tmp_path, "articles")) == 1


def test_a_configuration_that_no_part_can_use_ends_the_supervisor_with_its_status(tmp_path: Path) -> None:
    parts = part(tmp_path, "weather", LIVES) | part(tmp_path, "articles", ENDS, status=2)
    with supervising(tmp_path, **parts) as supervisor:
        assert supervisor.wait(20) == 2


def test_a_damaged_store_is_set_aside_while_no_part_runs(tmp_path: Path) -> None:
    once = (
        "if os.path.getsize({file!r}) > 8: pow(3, 10**10)\n"
        "while not (os.path.exists({other!r}) and os.path.getsize({other!r})): time.sleep(0.02)\n"
        "sys.exit(5)"
    )
    # The other part has written its id before it is ended, or its second start would look like the first.
    articles = part(tmp_path, "articles", NOTES + "\n" + once, other=str(tmp_path / "weather"))
    parts = part(tmp_path, "weather", LIVES) | articles
    with supervising(tmp_path, **parts):
        until(lambda: "mended" in the_log(tmp_path))
        until(lambda: len(started(tmp_path, "weather")) >= 2)
        assert not is_alive(started(tmp_path, "weather")[0])
        until(lambda: len(started(tmp_path, "articles")) >= 2)
        os.kill(started(tmp_path, "weather")[-1], signal.SIGKILL)
        until(lambda: len(started(tmp_path, "weather")) >= 3)  # it has looked several times since
    assert "the store is damaged" in the_log(tmp_path)
    assert the_log(tmp_path).count("mended") == 1


def test_a_part_that_fails_at_once_is_started_ever_more_rarely_and_told_each_time(tmp_path: Path) -> None:
    times = "open({file!r} + '.times', 'a').write(f'{{time.monotonic()}} ');"
    with supervising(tmp_path, **part(tmp_path, "weather", NOTES + times + "sys.exit(1)")):
        until(lambda: len(started(tmp_path, "weather")) == 3)
    first, second, third = map(float, (tmp_path / "weather.times").read_text().split()[:3])
    assert second - first > 1
    assert third - second > 2
    assert "weather (process" in the_log(tmp_path)


def test_a_part_is_found_by_the_command_that_the_supervisor_uses() -> None:
    from service.collector.supervisor import part_command  # noqa: PLC0415 - of this test alone

    done = subprocess.run(
        [*part_command("weather"), "--help"], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.startswith("Usage: python -m service collect")
    assert sys.executable == part_command("weather")[0]
