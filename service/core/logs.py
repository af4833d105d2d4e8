"""The format of the log: lines for people, or a JSON object a line, without secrets; and ids of requests."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import datetime
from ipaddress import ip_address, ip_network
from secrets import token_hex
from typing import Any

from service.core.secrets import NO_SECRETS, Secrets

request_id: ContextVar[str] = ContextVar("id of the request being handled", default="")

_FORMATTER = logging.Formatter()
_USABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_CUT_TO = {4: 24, 6: 48}  # bits that are left of an address, by the version of IP


class LogFormatter(logging.Formatter):
    """Formats all records of a process; hiding secrets is a second line of defence here.

    Attributes:
        secrets: hidden in every line, also those of other packages, tracebacks included.
        as_json: whether a line is a JSON object.
    """

    def __init__(self, process: str) -> None:
        """Name the process, which stands before its number."""
        super().__init__()
        self._process = process
        self.secrets: Secrets = NO_SECRETS
        self.as_json = False

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, or with a traceback in text several."""
        message = self.secrets.redact(record.getMessage())
        trace = self._trace(record)
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(sep=" ", timespec="milliseconds")
        name = request_id.get()
        if self.as_json:
            fields: dict[str, Any] = {
                "time": time.replace(" ", "T", 1),
                "level": record.levelname,
                "process": self._process,
                "pid": record.process,
                "logger": record.name,
                "message": message,
                **getattr(record, "fields", {}),
            }
            fields |= {"request_id": name} if name else {}
            fields |= {"traceback": trace} if trace else {}
            return json.dumps(fields, ensure_ascii=False, default=str)
        about = f" (request {name})" if name else ""
        line = f"{time} {self._process}[{record.process}] {record.levelname} {message}{about}"
        return f"{line}\n{trace}" if trace else line

    def _trace(self, record: logging.LogRecord) -> str:
        parts = [_FORMATTER.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            parts.append(record.stack_info)
        return self.secrets.redact("\n".join(parts))


def log_to_standard_error(process: str) -> None:
    """Log to standard error, unless whoever runs this process has configured logging already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter(process))
    logging.basicConfig(handlers=[handler], level=logging.INFO)


def formatters() -> list[LogFormatter]:
    """Return the formatters of this process that are ours."""
    handlers = logging.getLogger().handlers
    return [handler.formatter for handler in handlers if isinstance(handler.formatter, LogFormatter)]


def usable_request_id(given: str | None) -> str:
    """Return the id that a client or proxy has given a request, or a new one where that is none of ours."""
    return given if given is not None and _USABLE_ID.fullmatch(given) else token_hex(8)


def cut_address(address: str) -> str:
    """Return the network of an address, so that it names nobody: /24 of IPv4, /48 of IPv6."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    return str(ip_network((parsed, _CUT_TO[parsed.version]), strict=False).network_address)
