"""Processes that run a module as `python -m` does, forked from one that has imported the service before.

Importing takes most of the time of a command and of a server's start, and is the same each time. A test of
the start itself, of the working directory or of what is imported starts a Python of its own.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

_IMPORTED = (
    "gunicorn.app.wsgiapp",
    "service.app",
    "service.bootstrap_collect",
    "service.check",
    "service.cli",
    "service.server.worker",
    "service.why",
)
_LONGEST_MESSAGE = 200_000  # bytes


class ForkedProcess:
    """What tests use of `subprocess.Popen`."""

    def __init__(self, arguments: Sequence[str], status: IO[bytes]) -> None:
        self.args, self.returncode, self._status = arguments, None, status
        self.pid = int(status.readline())

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, negative for a signal.

        Raises:
            subprocess.TimeoutExpired: when it has not ended after so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._status.readline())
            self._status.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended since, and its status is on the way
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(
    arguments: Sequence[str],
    *,
    cwd: Path | None,
    env: Mapping[str, str],
    output: IO[Any],
    errors: IO[Any],
) -> ForkedProcess:
    """Run a module with its arguments; it reads nothing."""
    told = json.dumps({"arguments": arguments, "cwd": str(cwd or Path.cwd()), "env": dict(env)}).encode()
    read_end, write_end = os.pipe()
    socket.send_fds(_forker(), [told], [output.fileno(), errors.fileno(), write_end])
    os.close(write_end)
    return ForkedProcess(arguments, os.fdopen(read_end, "rb", buffering=0))


@cache
def _forker() -> socket.socket:
    """Start the process that forks; return the socket on which it is told what."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-u", __file__, str(theirs.fileno())]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _fork_as_told(requests: socket.socket) -> None:
    """Fork for every message, until the other end is closed."""
    for name in _IMPORTED:
        import_module(name)
    gc.collect()
    gc.freeze()
    while True:
        message, (*descriptors,), _, _ = socket.recv_fds(requests, _LONGEST_MESSAGE, 3)
        if not message:
            break
        if os.fork() == 0:
            requests.close()
            _tell_status_of(json.loads(message), *descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _tell_status_of(told: dict[str, Any], output: int, errors: int, status: int) -> None:
    """Fork once more: the child runs the module, the parent writes its id and then its exit status."""
    pid = os.fork()
    if pid == 0:
        os.close(status)
        _run(told, output, errors)
        return
    os.close(output)
    os.close(errors)
    os.write(status, b"%d\n" % pid)
    os.write(status, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _run(told: dict[str, Any], output: int, errors: int) -> None:
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.close(output)
    os.close(errors)
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    module, *sys.argv[1:] = told["arguments"]
    sys.path[0] = told["cwd"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _fork_as_told(socket.socket(fileno=int(sys.argv[1])))
