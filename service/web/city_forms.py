"""The select over the places as this deployment offers it, for every page that shows weather."""

from service.places.model import Place
from service.web.city_select import CityForm, city_form
from service.web.context import AppContext
from service.web.options import Options

Hidden = tuple[tuple[str, str], ...]


def city_form_of(
    context: AppContext, place: Place | None, options: Options, *, action: str, hidden: Hidden
) -> CityForm | None:
    """The select over the places of the widget's own country, unless the editor wants none.

    `action` and `hidden` are where it goes to and what it takes along.
    """
    if not options.select:
        return None
    offered = context.catalogue.choices(place or context.default_city, options.language)
    return city_form(
        offered,
        place,
        action=action,
        hidden=hidden,
        search_url=None if offered.complete else f"{context.prefix}/",
        language=options.language,
    )
