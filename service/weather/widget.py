"""The weather widget: a page for frames, a picture, and the box for article pages and the portal frame."""

from dataclasses import replace
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Response
from werkzeug.exceptions import NotFound

from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.model import Place
from service.weather.model import Dataset
from service.weather.picture import draw
from service.weather.png import PngDrawer, TooManyPictures
from service.weather.presenter import WeatherView, present, present_fault, present_unknown
from service.weather.service import DEPENDS_ON, ForecastService
from service.weather.table import WeatherTable, asks_for_several
from service.web import responses
from service.web.cache_policy import BUSY, SHORT, CachePolicy
from service.web.city_select import Hidden, city_form
from service.web.context import AppContext
from service.web.heights import WEATHER, Height
from service.web.parameters import (
    LANGUAGE_OF_ERRORS,
    Fault,
    OneOf,
    Parameter,
    Parameters,
    Query,
    Rows,
    Text,
    card,
    city_select,
    language,
    theme,
    theme_of,
    units,
)
from service.web.rendering import (
    HEIGHT_SCRIPT,
    RETRY_SCRIPT,
    SELECT_SCRIPT,
    Renderer,
    Sheet,
    card_sheet,
    sheet,
)
from service.web.views import Embedding, PathValues, View
from service.web.widget_options import OF_ONE_PLACE, Layout, Options, Theme

_NOT_FOUND, _BAD_REQUEST, _TOO_MANY, _TOO_BUSY = 404, 400, 429, 503


def views(context: AppContext, forecasts: ForecastService, renderer: Renderer) -> list[View]:
    """Return the views under `/widgets/weather`."""
    widget = _WeatherWidget(context, forecasts, renderer)
    look: dict[str, Parameter] = {
        "lang": language(context.languages),
        "theme": theme(),
        "units": units(),
        "layout": OneOf(OF_ONE_PLACE, Layout.COMPACT),
        **card(),
        "select": city_select(),
    }
    embedding = Embedding(
        kind="weather",
        height=_height,
        title=widget.title,
        title_with_select=lambda query, formatter: (
            formatter.text("weather.any_place")
            if weather_options(query).select and not asks_for_several(query)
            else None
        ),
    )
    return [
        View(
            name="widgets.weather",
            rule="/widgets/weather/<city>",
            respond=widget.page,
            parameters=Parameters(**look),
            cache=None,
            depends_on=DEPENDS_ON,
            shows_faults=True,
            embedding=embedding,
        ),
        View(  # several places, or one: the URL of the select's form
            name="widgets.weather_by_query",
            rule="/widgets/weather",
            respond=widget.page_by_query,
            parameters=Parameters(
                city=Text(),
                cities=Rows(),
                province=Text(),
                **look | {"layout": OneOf(tuple(Layout), None)},
            ),
            cache=None,
            depends_on=DEPENDS_ON,
            shows_faults=True,
            embedding=replace(embedding, kind="table", height=widget.height),
        ),
        View(
            name="widgets.weather_svg",
            rule="/widgets/weather/<city>.svg",
            respond=widget.svg,
            cross_origin=True,
            refusal=widget.refusal,
            parameters=Parameters(**look),
            cache=None,
            depends_on=DEPENDS_ON,
            shows_faults=True,
        ),
        View(
            name="widgets.weather_png",
            rule="/widgets/weather/<city>.png",
            respond=widget.png,
            cross_origin=True,
            refusal=widget.refusal,
            parameters=Parameters(**look),
            cache=None,
            depends_on=DEPENDS_ON,
            shows_faults=True,
        ),
        View(
            name="credit",
            rule="/credit/<provider_id>",
            respond=widget.credit,
            parameters=LANGUAGE_OF_ERRORS,
            cache=SHORT,
        ),
    ]


def weather_options(query: Query) -> Options:
    """Return the options of a query; the layout is compact for views without the parameter `layout`."""
    layout = Layout(query.values.get("layout") or Layout.COMPACT)
    select = query["select"] or ("no" if layout is Layout.STRIP else "yes")
    return Options(
        language=query["lang"],
        theme=theme_of(query),
        units=Units(query["units"]),
        layout=layout,
        accent=query["accent"],
        transparent=query.values.get("transparent") == "yes",
        border=query.values.get("border") != "no",
        select=select == "yes",
    )


def weather_sheet(view: WeatherView, layout: Layout, *, beside: bool = False) -> Sheet:
    """Return the style sheet of the box, added to that of its card; `beside` is for a narrow column."""
    return sheet("widgets/weather.css", layout=layout.value, shows=view.parts, beside=beside)


class WeatherBox:
    """Makes the view of the weather box for the widget, for article pages and for the portal frame."""

    def __init__(self, context: AppContext, forecasts: ForecastService) -> None:
        """Read the forecasts from this service."""
        self._context, self._forecasts = context, forecasts
        self.attributions = forecasts.attributions

    def view(
        self, city: str, options: Options, *, action: str, hidden: Hidden
    ) -> tuple[WeatherView | None, CachePolicy, int]:
        """Return the box of this city ("": the default place), its cache policy, and the page's status.

        `action` and `hidden` are the URL and the hidden fields of the select's form. The box is None if there
        are no places at all.
        """
        place = self._context.catalogue.get(city) if city else self._context.default_city
        if place is None and not city:
            return None, SHORT, 200
        return self.of(place, options, action=action, hidden=hidden)

    def of(
        self, place: Place | None, options: Options, *, action: str, hidden: Hidden
    ) -> tuple[WeatherView, CachePolicy, int]:
        """Return the same for a place, in the layout of the options; None is an unknown place."""
        formatter = self._context.formatter(options.language, options.units)
        form = city_form(self._context, place, options, action=action, hidden=hidden)
        if place is None:
            return present_unknown(formatter, form), SHORT, _NOT_FOUND
        now = self._context.clock()
        (forecast,) = self._forecasts.forecasts([place], now, tuple(Dataset))
        view = present(
            forecast,
            attributions=self.attributions,
            prefix=self._context.prefix,
            form=form,
            formatter=formatter,
            options=options,
            sample=self._context.settings.demo,
            today=now.astimezone(ZoneInfo(place.timezone)).date(),
            more_url=self.full_url(place, options) if options.layout is Layout.COMPACT else None,
        )
        return view, self._forecasts.cache_policy([forecast], now), 200

    def full_url(self, place: Place, options: Options) -> str:
        """Return the address of this place's hours and days, in the look of the options."""
        look = {
            "lang": options.language if options.language != self._context.languages[0] else "",
            "units": options.units.value if options.units is not Units.METRIC else "",
            "theme": options.theme.value if options.theme is not Theme.AUTO else "",
        }
        query = urlencode(
            {"layout": Layout.FULL.value, **{name: value for name, value in look.items() if value}}
        )
        return f"{self._context.prefix}/widgets/weather/{quote(place.id)}?{query}"


class _WeatherWidget:
    def __init__(self, context: AppContext, forecasts: ForecastService, renderer: Renderer) -> None:
        self._context, self._renderer = context, renderer
        self._box = WeatherBox(context, forecasts)
        self._png = PngDrawer(context.clock)
        self._table = WeatherTable(context, forecasts, renderer, self._box.full_url)

    def page(self, query: Query, city: str) -> Response:
        options = weather_options(query)
        view, cache, status = self._view(query, city, options)
        scripts = [
            HEIGHT_SCRIPT,
            *([SELECT_SCRIPT] if view.form else []),
            *([RETRY_SCRIPT] if view.retry else []),
        ]
        response = self._renderer.page(
            "widgets/weather.html",
            style=self._renderer.style(
                options.accent, card_sheet(options, view.parts), weather_sheet(view, options.layout)
            ),
            scripts=scripts,
            cache=cache,
            status=status,
            view=view,
            options=options,
            text=self._formatter(options).text,
            address=query.address(f"/widgets/weather/{quote(city, safe='')}", without="city"),
        )
        return responses.unindexed(response)

    def page_by_query(self, query: Query) -> Response:
        if asks_for_several(query):
            return self._table.page(query, weather_options(query))
        if query["layout"] == Layout.TABLE:
            fault = Fault("layout", ", ".join(OF_ONE_PLACE))
            query = replace(query, values=query.values | {"layout": None}, faults=(*query.faults, fault))
        return self.page(query, self._city(query, {}))

    def svg(self, query: Query, city: str) -> Response:
        image, style, cache, status = self._svg(query, city, weather_options(query))
        return responses.svg(image, cache, status, style=style)

    def png(self, query: Query, city: str) -> Response:
        """Return the SVG as PNG: of `theme=auto` the light one, since nothing can switch it.

        While too many are asked for, it is the SVG itself, to be asked for again: browsers show that too.
        """
        options = weather_options(query)
        if options.theme is Theme.AUTO:
            options = replace(options, theme=Theme.LIGHT)
        image, style, cache, status = self._svg(query, city, options)
        try:
            return responses.png(self._png.draw(image), cache, status)
        except TooManyPictures:
            return responses.svg(image, BUSY, _TOO_BUSY, style=style)

    def refusal(self, query: Query) -> Response:
        """Return a picture for who asks for too much; browsers show it in the place of a PNG too."""
        options = weather_options(query)
        formatter = self._formatter(options)
        view = present_fault(formatter, [formatter.text("error.too_many")], None)
        layout = Layout.STRIP if options.layout is Layout.STRIP else Layout.COMPACT
        image, style = self._picture(view, replace(options, layout=layout))
        return responses.svg(image, None, _TOO_MANY, style=style)

    def _svg(self, query: Query, city: str, options: Options) -> tuple[str, str, CachePolicy, int]:
        """Return the picture, its style sheet, its cache policy, and its status."""
        if options.layout is Layout.FULL:  # which has the picture, and so the facts, of `compact`
            options = replace(options, layout=Layout.COMPACT)
        view, cache, status = self._view(query, city, options)
        return *self._picture(view, options), cache, status

    def _picture(self, view: WeatherView, options: Options) -> tuple[str, str]:
        """Return the picture and its style sheet."""
        picture = draw(view, options.layout, self._formatter(options))
        has_card = options.border or not options.transparent
        style = self._renderer.style(
            options.accent,
            sheet(
                "widgets/picture.css",
                theme=options.theme.value,
                has_card=has_card,
                transparent=options.transparent,
                border=options.border,
                styles=picture.styles,
            ),
        )
        image = self._renderer.text("widgets/picture.svg", picture=picture, options=options, style=style)
        return image, style

    def credit(self, _query: Query, provider_id: str) -> Response:
        """Redirect to a provider's own page: a link of our own works in every sandbox."""
        attribution = self._box.attributions.get(provider_id)
        if attribution is None or not attribution.url:
            raise NotFound
        response = responses.respond("", "text/plain; charset=utf-8", status=302)
        response.headers["Location"] = attribution.url
        return responses.unindexed(response)

    def height(self, query: Query) -> Height:
        return self._table.height(query) if asks_for_several(query) else _height(query)

    def title(self, query: Query, path: PathValues, formatter: Formatter) -> str | None:
        if not path and asks_for_several(query):
            return self._table.title(query, formatter)
        place = self._context.catalogue.get(self._city(query, path))
        return formatter.text("weather.in_place", place=place.name(formatter.language)) if place else None

    def _city(self, query: Query, path: PathValues) -> str:
        default = self._context.default_city
        return path.get("city") or query.values.get("city") or (default.id if default else "")

    def _view(self, query: Query, city: str, options: Options) -> tuple[WeatherView, CachePolicy, int]:
        place = self._context.catalogue.get(city)
        action = f"{self._context.prefix}/widgets/weather"
        hidden = tuple((name, value) for name, value in query.given.items() if name != "city")
        if not query.faults:
            return self._box.of(place, options, action=action, hidden=hidden)
        formatter = self._formatter(options)
        form = city_form(self._context, place, options, action=action, hidden=hidden)
        sentences = [fault.sentence(formatter) for fault in query.faults]
        return present_fault(formatter, sentences, form), SHORT, _BAD_REQUEST

    def _formatter(self, options: Options) -> Formatter:
        return self._context.formatter(options.language, options.units)


def _height(query: Query) -> Height:
    return WEATHER[Layout(query["layout"] or Layout.COMPACT)]
