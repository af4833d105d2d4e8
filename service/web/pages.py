"""Pages for people: the start page, and a sentence where there is nothing else to show."""

from flask import Blueprint, Response, request
from jinja2 import Environment

from service.articles.service import ArticleReader
from service.locales.formatter import Speech
from service.observe import status
from service.start_page.view import StartPage
from service.web import parameters, responses
from service.web.cache_policy import NO_STORE
from service.web.context import House
from service.web.responses import SHORT


class Pages:
    """The start page and the messages."""

    def __init__(self, house: House, articles: ArticleReader, templates: Environment) -> None:
        """Draw with these templates."""
        self._house, self._articles, self._templates = house, articles, templates
        self._query = parameters.widget_query(house.language, house.languages)
        self._style = responses.small(templates.get_template("pages/page.css").render())
        self._start = StartPage(house, articles, templates)

    def routes(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("pages", __name__)
        routes.add_url_rule("/", "start", self._start)
        routes.add_url_rule("/status", view_func=self.status)
        return routes

    def speech(self) -> Speech:
        """The language asked for, as far as it is one, else the site's."""
        language = request.args.get("lang", "")
        return self._house.speech(language if language in self._house.languages else self._house.language)

    def status(self) -> Response:
        """How things stand, for those who run it."""
        language = parameters.options(self._query, request.args).language
        speech = self._house.speech(language)
        html = self._templates.get_template("pages/status.html").render(
            view=status.present(self._house, self._articles, speech),
            language=language,
            home=f"{self._house.prefix}/",
            say=speech.text,
            style=self._style,
        )
        return responses.page(
            html,
            NO_STORE,
            styles=[self._style],
            frame_ancestors=self._house.settings.embed.frame_ancestors,
        )

    def message(self, code: int, sentences: list[str], *, news: str | None = None) -> Response:
        """A page with a sentence, and the way to the news, where it has an address, and to the start page."""
        speech = self.speech()
        html = self._templates.get_template("pages/message.html").render(
            sentences=sentences,
            home=f"{self._house.prefix}/",
            news=news,
            language=speech.language,
            say=speech.text,
            style=self._style,
        )
        validity = SHORT if code < 500 else NO_STORE  # noqa: PLR2004 - what is our fault is not kept
        return responses.page(
            html,
            validity,
            code,
            styles=[self._style],
            frame_ancestors=self._house.settings.embed.frame_ancestors,
        )
