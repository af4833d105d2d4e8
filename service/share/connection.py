"""The connection to Valkey: commands with a deadline, and failures that say what is wrong."""

import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import valkey
from valkey.backoff import NoBackoff
from valkey.retry import Retry

from service.settings.model import ShareSettings

_TIMEOUT = 2.0  # seconds for one command
_MAX_QUOTED = 100  # characters
_OF_PIPELINE = "caused error: "  # before it the library quotes the command

Script = Callable[[Sequence[str], Sequence[str | bytes | int]], Any]


class ShareError(Exception):
    """Valkey cannot be used at the moment; the message is a phrase for log and status page."""


@dataclass(frozen=True, slots=True)
class Server:
    """A Valkey: which run of it this is, its version, and what it does when it is full."""

    run: str
    version: str
    policy: str


class Connection:
    """One connection for one thread. Names of keys come without the group's prefix."""

    def __init__(self, settings: ShareSettings, ca_file: str = "") -> None:
        """Connect at the first command. `ca_file` has certificate authorities beyond the usual ones."""
        encrypted: dict[str, Any] = {}
        if settings.is_encrypted:
            encrypted = {
                "ssl": True,
                "ssl_check_hostname": True,  # the library's default leaves it out
                "ssl_cert_reqs": "required",
                "ssl_ca_certs": ca_file or ssl.get_default_verify_paths().cafile,
            }
        self._client = valkey.Valkey(
            host=settings.host,
            port=settings.port,
            db=settings.database,
            username=settings.username or None,
            password=settings.password or None,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
            single_connection_client=False,
            max_connections=2,
            **encrypted,
        )
        self._prefix = f"pw:{settings.group}:"
        self._scripts: dict[str, Any] = {}

    def key(self, name: str) -> str:
        """Return the whole name of a key."""
        return self._prefix + name

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[str | bytes | int]) -> Any:
        """Run a script of `scripts`; Valkey keeps it, so that only its digest is sent the next time."""
        with self.commands() as client:
            registered = self._scripts.get(script) or client.register_script(script)
            self._scripts[script] = registered
            return registered(keys=[self.key(name) for name in keys], args=arguments)

    @contextmanager
    def commands(self) -> Iterator[Any]:
        """Yield the client.

        Raises:
            ShareError: for whatever a command in the block fails of.
        """
        try:
            yield self._client
        except valkey.exceptions.ValkeyError as error:
            raise ShareError(_explain(error)) from error
        except (OSError, ssl.SSLError) as error:
            raise ShareError(f"cannot be reached ({error.strerror or type(error).__name__})") from error

    def server(self) -> Server:
        """Return what matters of `INFO`."""
        with self.commands() as client:
            told = {**client.info("server"), **client.info("memory")}
        return Server(
            run=str(told.get("run_id", "")),
            version=str(told.get("valkey_version") or told.get("redis_version", "")),
            policy=str(told.get("maxmemory_policy", "noeviction")),
        )

    def count_hosts(self) -> int:
        """Return how many hosts of the group were seen within a day."""
        with self.commands() as client:
            return int(client.zcard(self.key("hosts")))

    def now(self) -> float:
        """Return Valkey's clock, in seconds since 1970."""
        with self.commands() as client:
            seconds, micros = client.time()
        return int(seconds) + int(micros) / 1e6

    def close(self) -> None:
        """Close the connection; the next command opens another one."""
        self._client.connection_pool.disconnect()


_REPLIES = {
    "OOM": "is full (maxmemory); give it more memory",
    "READONLY": "is read-only: it is a replica; name its primary",
    "NOAUTH": "wants a password; write it into store.share",
    "WRONGPASS": "refuses user or password of store.share",
    "NOPERM": "does not allow this user a command that is needed",
    "LOADING": "is still loading its data",
    "MISCONF": "refuses writes, as it cannot save its data to disk",
    "NOREPLICAS": "refuses writes, as it has too few replicas",
    "MASTERDOWN": "has lost its primary",
    "MOVED": "is a cluster, which is not supported; use a single server",
    "CLUSTERDOWN": "is a cluster, which is not supported; use a single server",
}

_WORD = re.compile(r"[A-Z]{3,20}")
_KINDS: dict[type[Exception], str] = {  # whose texts have lost the word
    valkey.exceptions.ReadOnlyError: "READONLY",
    valkey.exceptions.OutOfMemoryError: "OOM",
    valkey.exceptions.BusyLoadingError: "LOADING",
    valkey.exceptions.AuthenticationError: "WRONGPASS",
    valkey.exceptions.NoPermissionError: "NOPERM",
}


def _explain(error: Exception) -> str:
    text = str(error).rpartition(_OF_PIPELINE)[2]
    if isinstance(error, valkey.exceptions.AuthenticationError) and "required" in text:
        return _REPLIES["NOAUTH"]
    words = _WORD.findall(text)
    for kind, word in _KINDS.items():
        if isinstance(error, kind):
            return _REPLIES[word]
    if isinstance(error, valkey.exceptions.TimeoutError):
        return f"does not answer within {_TIMEOUT:g} s"
    if isinstance(error, valkey.exceptions.ConnectionError):
        return f"cannot be reached ({_reason(error)})"
    replies = (phrase for word, phrase in _REPLIES.items() if word in words)  # also within a script's error
    return next(replies, f"answers with an error ({text[:_MAX_QUOTED]})")


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or 'failed'}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return "the connection was closed"
