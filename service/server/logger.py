"""gunicorn's logger in the format of the rest of the log, for `serve`; plain gunicorn keeps its own."""

import logging
import os
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger

from service.core.errors import SettingsError
from service.core.logs import LogFormatter
from service.settings.load import load


class Logger(GunicornLogger):  # type: ignore[misc] # gunicorn has no types
    """Follows `[log]`. What gunicorn's own settings say (files, syslog, a logging configuration) stays."""

    def setup(self, cfg: Any) -> None:
        """Configure the loggers of the master or a worker."""
        super().setup(cfg)
        formatter = LogFormatter("serve")
        with suppress(SettingsError):  # the workers tell the faults
            settings = load(os.environ).log
            formatter.as_json = settings.format == "json"
            if cfg.loglevel == cfg.settings["loglevel"].default:
                self.error_log.setLevel(settings.level.upper())
        for handler in self.error_log.handlers:
            if getattr(handler, "_gunicorn", False) and isinstance(handler, logging.StreamHandler):
                handler.setFormatter(formatter)
