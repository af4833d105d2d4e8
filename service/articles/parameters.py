"""What may be asked of articles: of the JSON and of the feeds. `parameters.parsed` reads both."""

from collections.abc import Collection
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from service.web.parameters import Fault, ParameterError, _OneOf, _Whole

MOST_LISTED = 100
USUAL_LISTED = 20


class _Sources(fields.String):
    """Ids of configured sources with commas between them, as a list; each once."""

    def __init__(self, known: Collection[str]) -> None:
        super().__init__(load_default=[])
        self._known = known
        self.values = ", ".join(known) or "(no source is configured)"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        asked = dict.fromkeys(super()._deserialize(value, attr, data, **kwargs).split(","))
        if not all(source in self._known for source in asked):
            raise self.make_error("invalid")
        return list(asked)


def feed_query(sources: Collection[str], languages: tuple[str, ...]) -> Schema:
    """The parameters of the feeds; the first language is the site's own."""
    return Schema.from_dict(_common(sources, languages))(unknown=EXCLUDE)


def list_query(sources: Collection[str], languages: tuple[str, ...]) -> Schema:
    """The parameters of the JSON list; the first language is the site's own."""
    more = {"q": fields.String(load_default=""), "cursor": fields.String(load_default=None)}
    return Schema.from_dict({**_common(sources, languages), **more})(unknown=EXCLUDE)


def bad_cursor() -> ParameterError:
    """What is told of a cursor that no answer of ours has given."""
    return ParameterError((Fault("cursor", values="the next_cursor of an earlier answer", several=True),))


def _common(sources: Collection[str], languages: tuple[str, ...]) -> dict[str, fields.Field[Any]]:
    return {
        "source": _Sources(sources),
        "limit": _Whole(1, MOST_LISTED, USUAL_LISTED),
        "lang": _OneOf(languages, languages[0]),
    }
