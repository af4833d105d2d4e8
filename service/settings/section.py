"""What the tables of the configuration file have in common; `schema.py` has the tables."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, post_load, pre_load

from service.settings.fields import Text, http_url
from service.settings.model import ProviderSettings

UNKNOWN_KEY = "unknown key"


class Section(Schema):
    """A table of the file, in which unknown keys are faults."""

    class Meta:
        unknown = RAISE

    error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc] # marshmallow declares it loosely
        "type": "must be a table",
        "unknown": UNKNOWN_KEY,
    }

    @pre_load
    def _add_missing_tables(self, data: object, **_: Any) -> object:
        """Take a table that is not written for an empty one, so that its defaults apply."""
        if not isinstance(data, dict):
            return data
        tables = [f.data_key or name for name, f in self.fields.items() if isinstance(f, fields.Nested)]
        return {table: {} for table in tables} | data


class ProviderSection(Section):
    """The table of a weather provider, which `settings.py` in the provider's folder declares as `Table`.

    Attributes:
        default_url: the provider's own endpoint, which an empty `base_url` means.
        preference: its place in the default order of the providers, the lowest first.
    """

    default_url: ClassVar[str] = ""
    preference: ClassVar[int] = 100

    base_url = Text(load_default="", validate=http_url)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ProviderSettings:
        return ProviderSettings(**{**data, "base_url": data["base_url"] or self.default_url})
