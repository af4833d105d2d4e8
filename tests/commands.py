"""The commands as real child processes, in an environment of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import forked_python

BASE = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_WIDGETS_")}


def portal_widgets(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `environment` without the prefix."""
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        process = forked_python.start(
            ("service", *arguments),
            cwd=home,
            env=settings_in(home, **environment),
            output=output,
            errors=errors,
        )
        status = process.wait(180)
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(process.args, status, output.read(), errors.read())


def settings_in(home: Path, **environment: str) -> dict[str, str]:
    """The environment of a service whose data lies in this folder."""
    given = {f"PORTAL_WIDGETS_{name}": value for name, value in environment.items()}
    return BASE | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")} | given


@contextmanager
def running(*arguments: str, home: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until the block ends."""
    log = (home / "log").open("a")
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.PIPE,
        text=True,
        cwd=home,
        env=settings_in(home, **environment),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()
        log.close()


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Look again and again until this holds.

    Raises:
        AssertionError: when it does not within so many seconds.
    """
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"not seen within {seconds} s"
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """The child processes of a process, by the kernel's word."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def collectors_of(store: Path) -> list[int]:
    """The supervisors that collect for this store, found as an operator would: by command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        command = [word for word in line[1:] if word != b"-P"]
        collects = command[:3] == [b"-m", b"service", b"collect"] and b"--only" not in command
        collects = collects and str(store).encode() in environment
        if collects and is_alive(int(process.name)):
            found.append(int(process.name))
    return found
