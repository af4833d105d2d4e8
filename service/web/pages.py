"""Pages for people: the start page, and a sentence where there is nothing else to show."""

from flask import Blueprint, Response, request
from jinja2 import Environment

from service.articles.service import ArticleService
from service.locales.formatter import Formatter
from service.observe import status
from service.start_page.view import StartPage
from service.web import parameters, responses
from service.web.cache_policy import NO_STORE
from service.web.context import AppContext
from service.web.responses import SHORT


class Pages:
    """The start page and the messages."""

    def __init__(self, context: AppContext, articles: ArticleService, templates: Environment) -> None:
        """Draw with these templates."""
        self._context, self._articles, self._templates = context, articles, templates
        self._query = parameters.widget_query(context.language, context.languages)
        self._style = responses.minify(templates.get_template("pages/page.css").render())
        self._start = StartPage(context, articles, templates)

    def routes(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("pages", __name__)
        routes.add_url_rule("/", "start", self._start)
        routes.add_url_rule("/status", view_func=self.status)
        return routes

    def formatter(self) -> Formatter:
        """The language asked for, as far as it is one, else the site's."""
        language = request.args.get("lang", "")
        return self._context.formatter(
            language if language in self._context.languages else self._context.language
        )

    def status(self) -> Response:
        """How things stand, for those who run it."""
        language = parameters.options(self._query, request.args).language
        formatter = self._context.formatter(language)
        html = self._templates.get_template("pages/status.html").render(
            view=status.present(self._context, self._articles, formatter),
            language=language,
            home=f"{self._context.prefix}/",
            say=formatter.text,
            style=self._style,
        )
        return responses.page(
            html,
            NO_STORE,
            styles=[self._style],
            frame_ancestors=self._context.settings.embed.frame_ancestors,
        )

    def message(self, code: int, sentences: list[str], *, news: str | None = None) -> Response:
        """A page with a sentence, and the way to the news, where it has an address, and to the start page."""
        formatter = self.formatter()
        html = self._templates.get_template("pages/message.html").render(
            sentences=sentences,
            home=f"{self._context.prefix}/",
            news=news,
            language=formatter.language,
            say=formatter.text,
            style=self._style,
        )
        validity = SHORT if code < 500 else NO_STORE  # noqa: PLR2004 - what is our fault is not kept
        return responses.page(
            html,
            validity,
            code,
            styles=[self._style],
            frame_ancestors=self._context.settings.embed.frame_ancestors,
        )
