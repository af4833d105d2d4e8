"""The internals of uvicorn that our worker uses are those it was written for.

Where one differs, read what has changed in it, adapt service/server/worker.py if necessary, and put the new
hash here.
"""

import inspect
from hashlib import sha256

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

from service.server.worker import UVICORN_INTERNALS, Connection, Cycle, Worker, WorkerServer

HASHES = {
    "FlowControl": "126debcdaa894c83",
    "HttpToolsProtocol": "18fdf324b11bf160",
    "RequestResponseCycle": "e67d470d435dcc1c",
    "Server": "06e799f7c58f8be6",
    "ServerState": "f2260fbf10154746",
    "UvicornWorker": "32ed327fe4494f82",
}
ADDED = {
    Connection: {
        "is_idle",
        "is_evictable",
        "process_input",
        "check_size",
        "parsable",
        "head_size",
        "start",
        "finish",
        "drive",
        "step",
        "write",
        "flush",
        "close",
        "reject",
    }
    | {"close_after", "close_if_idle", "evict", "check_timeouts"},
    Cycle: {"send_and_cache"},
    WorkerServer: set(),
    Worker: {"check_config", "is_stopping", "evict_idle", "idle_longest", "waits_for_successors", "notify"},
}


@pytest.mark.parametrize("used", UVICORN_INTERNALS, ids=lambda used: used.__name__)
def test_its_source_is_unchanged(used: type) -> None:
    assert sha256(inspect.getsource(used).encode()).hexdigest()[:16] == HASHES[used.__name__]


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        (Connection, HttpToolsProtocol),
        (Cycle, RequestResponseCycle),
        (WorkerServer, Server),
        (Worker, UvicornWorker),
    ],
    ids=lambda one: one.__name__,
)
def test_each_overridden_method_exists(own: type, theirs: type) -> None:
    named = {name for name in vars(own) if not name.startswith("__")}
    assert named - ADDED[own] <= vars(theirs).keys()
