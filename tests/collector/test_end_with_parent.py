"""A process that ends with its parent, whatever it is busy with."""

import os
import signal
import subprocess
import sys

import pytest
from commands import is_alive, until

CHILD = """
import sys
from service.collector.supervisor import end_with_parent
end_with_parent(sys.stdin.fileno())
print("ready", flush=True)
{busy}
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.read()
"""
BUSY = {
    "in C": "pow(3, 10**9)",
    "asleep": "import time; time.sleep(60)",
    "deaf to other signals": (
        "from signal import *\n"
        "for number in (SIGTERM, SIGINT, SIGHUP): signal(number, SIG_IGN)\n"
        "import re; re.search('(a*)*b', 'a' * 60)"
    ),
}


@pytest.mark.parametrize("busy", BUSY.values(), ids=BUSY)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_a_process_ends_with_its_parent_whatever_it_is_busy_with(busy: str, number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD.format(busy=busy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline() == b"ready\n"
    os.kill(parent.pid, number)
    until(lambda: not is_alive(pid), seconds=2)
    parent.communicate()


def test_a_process_whose_parent_died_before_ends_at_once() -> None:
    read_end, write_end = os.pipe()
    os.close(write_end)
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(busy="import time; time.sleep(60)")],
        stdin=read_end, capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    os.close(read_end)
    assert done.returncode == -signal.SIGIO
    assert done.stdout == b""
