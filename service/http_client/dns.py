"""From a host's name to its addresses, within a time: the system's resolver knows no deadline of its own."""

import socket
from queue import Empty, SimpleQueue
from threading import Thread

from urllib3.util.connection import allowed_gai_family

from service.core.errors import Cause, UpstreamError


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host, in the resolver's order.

    The look-up runs in a thread that is left behind when the time is up; the resolver ends it by itself.

    Raises:
        UpstreamError: UNREACHABLE when the name has none, TIMEOUT when the resolver does not answer.
    """
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()
    Thread(target=_look_up, args=(host, port, answers), name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except Empty:
        raise UpstreamError(Cause.TIMEOUT, f"the name {host} was not resolved in time") from None
    if isinstance(answer, Exception):
        why = getattr(answer, "strerror", None) or "not a valid name"
        raise UpstreamError(Cause.UNREACHABLE, f"the name {host} cannot be resolved: {why}")
    return answer


def _look_up(host: str, port: int, answers: SimpleQueue[list[str] | Exception]) -> None:
    try:
        found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys(str(info[4][0]) for info in found)))
    except (OSError, ValueError) as error:  # ValueError: a label that is empty or too long, a NUL
        answers.put(error)
