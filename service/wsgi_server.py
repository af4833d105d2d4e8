"""What holds under plain gunicorn, which runs the WSGI application with settings of its own.

gunicorn takes scheme, path and prefix from the headers of peers that it trusts: this machine and all Unix
sockets, as long as nobody says otherwise. A stranger's `SCRIPT_NAME` that a proxy passes on then moves the
application. Here `limits.trusted_proxies` decides whose headers count, and of those `X-Forwarded-For` alone.
"""

import logging
import sys
from typing import Any

FORWARDING: dict[str, Any] = {
    "forwarded_allow_ips": "",
    "forwarder_headers": "",
    "secure_scheme_headers": {},
}
_UNBUFFERED = {"sync", "SyncWorker", "gthread", "ThreadWorker"}  # worker classes

log = logging.getLogger(__name__)


def adapt_gunicorn() -> None:
    """Switch off what gunicorn does with such headers, if it loads the application; warn of its workers."""
    config, worker_number = _loading()
    if config is None:
        return
    for name, value in FORWARDING.items():
        config.set(name, value)
    worker_class = config.worker_class_str.rpartition(".")[2]
    if worker_class in _UNBUFFERED and worker_number == 1:
        log.warning(
            "%s: gunicorn's workers of this class wait for each client, so that a few connections that send "
            "nothing or read slowly stop everything; a proxy that buffers requests and responses (nginx) "
            "belongs in front, or use `portal-widgets serve`",
            worker_class,
        )


def _loading() -> tuple[Any, int]:
    """Return the configuration of the gunicorn that is loading the application, and the number of its worker.

    gunicorn calls the application without either; both are attributes of the callers. The number is 1 where
    its master loads the application.
    """
    module = sys.modules.get("gunicorn.config")
    frame = sys._getframe() if module else None  # noqa: SLF001 - there is no public way
    config, worker_number = None, 1
    while frame is not None:
        owner = frame.f_locals.get("self")
        found = getattr(owner, "cfg", None)
        if module is not None and isinstance(found, module.Config):
            config, worker_number = found, getattr(owner, "age", worker_number)
        frame = frame.f_back
    return config, worker_number
