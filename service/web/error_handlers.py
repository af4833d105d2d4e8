"""One mapping from what went wrong to the response: a problem for programs, a sentence for readers."""

import logging
from functools import cached_property

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service.core.errors import StoreError
from service.locales.formatter import Formatter
from service.web import responses
from service.web.cache_policy import NO_STORE, SHORT, UNAVAILABLE
from service.web.context import AppContext
from service.web.parameters import ParameterError
from service.web.responses import problem
from service.web.views import Audience, Views

_SERVER_FAULT = 500
_UNAVAILABLE = 503

log = logging.getLogger(__name__)


class MessagePages:
    """Pages that hold a sentence and the way to the start page, where there is nothing else to show."""

    def __init__(self, context: AppContext) -> None:
        """Render with the context's templates."""
        self._context = context

    @cached_property
    def style(self) -> str:
        """Return the style of all pages about the service itself."""
        return responses.minify(self._context.templates.get_template("pages/page.css").render())

    def formatter(self) -> Formatter:
        """Return the language that the request asks for, as far as it is one of ours, else the site's."""
        language = request.args.get("lang", "")
        known = language if language in self._context.languages else self._context.language
        return self._context.formatter(known)

    def page(self, status: int, sentences: list[str], *, news: str | None = None) -> Response:
        """Return the page; `news` is the address of the news, where it leads there too."""
        formatter = self.formatter()
        html = self._context.templates.get_template("pages/message.html").render(
            sentences=sentences,
            home=f"{self._context.prefix}/",
            news=news,
            language=formatter.language,
            say=formatter.text,
            style=self.style,
        )
        return responses.page(
            html,
            SHORT if status < _SERVER_FAULT else NO_STORE,
            status,
            styles=[self.style],
            frame_ancestors=self._context.settings.embed.frame_ancestors,
        )

    def not_found(self) -> Response:
        """Return the page for an address that there is not."""
        return self.page(404, [self.formatter().text("error.not_found")])


def install(app: Flask, views: Views, pages: MessagePages, *, sample: bool) -> None:
    """Answer every failure in the form that the view's audience reads; `sample` marks every problem."""

    def failed(status: int, detail: str, key: str) -> Response:
        if views.audience() is Audience.PROGRAMS:
            return problem(status, detail, sample=sample)
        return pages.page(status, [pages.formatter().text(key)])

    @app.errorhandler(ParameterError)
    def bad_parameters(error: ParameterError) -> Response:
        if views.audience() is Audience.PROGRAMS:
            phrases = {fault.name: fault.phrase() for fault in error.faults}
            detail = "; ".join(f"{name}: {phrase}" for name, phrase in phrases.items())
            return problem(400, detail, {name: [said] for name, said in phrases.items()}, sample=sample)
        formatter = pages.formatter()
        return pages.page(400, [fault.sentence(formatter) for fault in error.faults])

    @app.errorhandler(HTTPException)
    def http_failure(error: HTTPException) -> Response:
        status = error.code or _SERVER_FAULT
        key = "error.not_found" if status < _SERVER_FAULT else "error.server"
        response = failed(status, error.description or error.name, key)
        if allow := dict(error.get_headers()).get("Allow"):
            response.headers["Allow"] = ", ".join(sorted(allow.split(", ")))  # werkzeug has it as a set
        return response

    @app.errorhandler(StoreError)
    def store_failure(error: StoreError) -> Response:
        log.debug("%s %s: %s", request.method, request.path, error)  # the store has logged it already, once
        response = failed(_UNAVAILABLE, "The store cannot be read just now. Try again later.", "error.server")
        responses.apply(UNAVAILABLE, response)
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return failed(_SERVER_FAULT, "Something is wrong on our side. Try again later.", "error.server")
