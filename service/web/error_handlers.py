"""The mapping of errors to responses: a problem (RFC 9457) for programs, a page for readers."""

import logging
from functools import cached_property

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service.core.errors import StoreError
from service.core.logs import request_id
from service.locales.formatter import Formatter
from service.web import responses
from service.web.cache_policy import NO_STORE, SHORT, UNAVAILABLE
from service.web.context import AppContext
from service.web.parameters import ParameterError
from service.web.responses import problem
from service.web.views import METHODS, Audience, Views

_SERVER_ERROR = 500
_UNAVAILABLE = 503
_NOT_FOUND = 404
_TITLES = {400: "error.title_parameter", _NOT_FOUND: "error.title_not_found"}

log = logging.getLogger(__name__)


class MessagePages:
    """Pages with a sentence and a link to the start page: errors, and articles that were taken down."""

    def __init__(self, context: AppContext) -> None:
        """Render with the context's templates."""
        self._context = context

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that pages can have."""
        return self._context.languages

    @cached_property
    def style(self) -> str:
        """Return the style of all pages about the service itself."""
        return responses.minify(self._context.templates.get_template("pages/page.css").render())

    def formatter(self) -> Formatter:
        """Return the formatter of the requested language; for an unknown one, of the site's own."""
        language = request.args.get("lang", "")
        is_known = language in self._context.languages
        return self._context.formatter(language if is_known else self._context.language)

    def page(
        self, status: int, sentences: list[str], *, title: str = "", articles_url: str | None = None
    ) -> Response:
        """Return the page, with a link to the articles if `articles_url` is given.

        `title` is the key of its title; by default that of the status.
        """
        formatter = self.formatter()
        usual = _TITLES.get(status, "error.title" if status < _SERVER_ERROR else "error.title_server")
        html = self._context.templates.get_template("pages/message.html").render(
            title=formatter.text(title or usual),
            sentences=sentences,
            home=f"{self._context.prefix}/",
            articles_url=articles_url,
            language=formatter.language,
            text=formatter.text,
            style=self.style,
            request_id=request_id.get() if status >= _SERVER_ERROR else "",
        )
        return responses.page(
            html,
            SHORT if status < _SERVER_ERROR else NO_STORE,
            status,
            styles=[self.style],
            frame_ancestors=self._context.settings.embed.frame_ancestors,
        )

    def not_found(self) -> Response:
        """Return the page for an unknown URL."""
        return self.page(404, [self.formatter().text("error.not_found")])


def install(app: Flask, views: Views, pages: MessagePages, *, sample: bool) -> None:
    """Register handlers that respond in the form of the view's audience; `sample` marks every problem."""

    def respond(status: int, detail: str, key: str) -> Response:
        if views.audience() is Audience.PROGRAMS:
            return problem(status, detail, sample=sample)
        return pages.page(status, [pages.formatter().text(key)])

    @app.errorhandler(ParameterError)
    def bad_parameters(error: ParameterError) -> Response:
        if views.audience() is Audience.PROGRAMS:
            messages = {fault.name: [fault.phrase()] for fault in error.faults}
            detail = "; ".join(f"{name}: {phrase}" for name, (phrase,) in messages.items())
            return problem(400, detail, messages, sample=sample)
        formatter = pages.formatter()
        return pages.page(400, [fault.sentence(formatter) for fault in error.faults])

    @app.errorhandler(HTTPException)
    def http_failure(error: HTTPException) -> Response:
        status = error.code or _SERVER_ERROR
        key = "error.server" if status >= _SERVER_ERROR else "error.request"
        key = "error.not_found" if status == _NOT_FOUND else key
        response = respond(status, error.description or error.name, key)
        if "Allow" in dict(error.get_headers()):
            response.headers["Allow"] = METHODS
        return response

    @app.errorhandler(StoreError)
    def store_failure(error: StoreError) -> Response:
        log.debug("%s %s: %s", request.method, request.path, error)  # the store itself logs the failure, once
        response = respond(
            _UNAVAILABLE, "The store cannot be read just now. Try again later.", "error.server"
        )
        responses.apply(UNAVAILABLE, response)
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return respond(_SERVER_ERROR, "Something is wrong on our side. Try again later.", "error.server")
