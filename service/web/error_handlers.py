"""One mapping from what went wrong to what is answered: a problem for programs, a sentence for readers."""

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service.core.errors import StoreError
from service.web.cache_policy import UNAVAILABLE
from service.web.pages import Pages
from service.web.parameter_messages import phrase, sentence
from service.web.parameters import ParameterError
from service.web.responses import problem

_FOR_PROGRAMS = ("/api/", "/oembed/", "/feeds/", "/healthz/", "/readyz/")
_SERVER_FAULT = 500

log = logging.getLogger(__name__)


def install(app: Flask, pages: Pages, *, sample: bool) -> None:
    """Answer every failure in the form that the path's audience reads; `sample` marks every JSON."""

    @app.errorhandler(ParameterError)
    def bad_parameters(error: ParameterError) -> Response:
        if _for_programs():
            detail = "; ".join(f"{fault.name}: {phrase(fault)}" for fault in error.faults)
            errors = {fault.name: [phrase(fault)] for fault in error.faults}
            return problem(400, detail, errors, sample=sample)
        formatter = pages.formatter()
        return pages.message(400, [sentence(fault, formatter) for fault in error.faults])

    @app.errorhandler(HTTPException)
    def http_failure(error: HTTPException) -> Response:
        status = error.code or _SERVER_FAULT
        if _for_programs():
            answered = problem(status, error.description or error.name, sample=sample)
        else:
            key = "error.not_found" if status < _SERVER_FAULT else "error.server"
            answered = pages.message(status, [pages.formatter().text(key)])
        if allow := dict(error.get_headers()).get("Allow"):
            answered.headers["Allow"] = ", ".join(sorted(allow.split(", ")))  # it is a set
        return answered

    @app.errorhandler(StoreError)
    def store_failure(error: StoreError) -> Response:
        log.debug("%s %s: %s", request.method, request.path, error)  # the store itself tells it, once
        if _for_programs():
            answered = problem(503, "The store cannot be read just now. Try again later.", sample=sample)
        else:
            answered = pages.message(503, [pages.formatter().text("error.server")])
        answered.headers["Retry-After"] = str(int(UNAVAILABLE.total_seconds()))
        return answered

    @app.errorhandler(Exception)
    def our_fault(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        if _for_programs():
            return problem(_SERVER_FAULT, "Something is wrong on our side. Try again later.", sample=sample)
        return pages.message(_SERVER_FAULT, [pages.formatter().text("error.server")])


def _for_programs() -> bool:
    return f"{request.path}/".startswith(_FOR_PROGRAMS)
