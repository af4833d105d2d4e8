"""The start page: an editor picks a widget, sees it live and copies its code. All choices are in the URL."""

from datetime import timedelta
from functools import cached_property

from flask import Response, request
from jinja2 import Environment

from service.articles.service import ArticleService
from service.locales.language_tags import own_name
from service.start_page.choices import Asked
from service.start_page.fields import HOUSE_COLOUR
from service.start_page.parameters import StartParameters
from service.start_page.presenter import FOUND_SHOWN, SiteInfo, StartView, present
from service.web import responses
from service.web.cache_policy import for_long
from service.web.context import AppContext
from service.web.responses import SHORT

_CHANGES = timedelta(minutes=5)
_OK = 200


class StartPage:
    """The view of `/`; its form works without script, which only saves the pressing of a button."""

    def __init__(self, context: AppContext, articles: ArticleService, templates: Environment) -> None:
        """Draw with these templates."""
        self._context = context
        self._sources = tuple((source.id, source.name) for source in articles.sources.values())
        self._languages = tuple((tag, own_name(tag)) for tag in context.languages)
        self._parameters = StartParameters(context, tuple(articles.sources))
        self._templates = templates

    # Read when somebody opens the page: to compile its templates takes a tenth of a start.

    @cached_property
    def _style(self) -> str:
        sheets = (self._templates.get_template(f"pages/{name}.css").render() for name in ("page", "start"))
        return responses.minify("\n".join(sheets))

    @cached_property
    def _script(self) -> str:
        return responses.minify(self._templates.get_template("pages/start.js").render())

    def __call__(self) -> Response:
        """The page for what its address says."""
        asked, status = self._parameters.read(request.args)
        html = self._templates.get_template("pages/start.html").render(
            view=self._view(asked),
            home=f"{self._context.prefix}/",
            house_colour=HOUSE_COLOUR,
            say=self._context.formatter(asked.language).text,
            style=self._style,
            script=self._script,
        )
        return responses.page(
            html,
            for_long(_CHANGES) if status == _OK else SHORT,
            status,
            styles=[self._style],
            scripts=[self._script],
            frame_ancestors=self._context.settings.embed.frame_ancestors,
            frames=True,
            connects=True,
        )

    def _view(self, asked: Asked) -> StartView:
        catalogue, settings = self._context.catalogue, self._context.settings
        premises = SiteInfo(
            base_url=self._context.base_url(request.environ.get("SERVER_PORT", "8000")),
            prefix=self._context.prefix,
            public=bool(settings.site.public_url),
            sample=settings.demo,
            languages=self._languages,
            sources=self._sources,
            frame_ancestors=settings.embed.frame_ancestors,
        )
        chosen = dict(asked.choices.look).get("lang", self._context.language)
        return present(
            asked,
            premises,
            places=catalogue.in_order(asked.language),
            found=catalogue.search(asked.query, FOUND_SHOWN) if asked.query else [],
            formatter=self._context.formatter(asked.language),
            widgets_speech=self._context.formatter(chosen),
        )
