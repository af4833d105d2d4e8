"""What is said in each language, and how numbers, dates and times are written.

A language is one folder with a `messages.po` (its name is the language tag); nothing else has to change.
"""

from service.locales.catalog import Catalog, TextError, available
from service.locales.formatter import Formatter
from service.locales.units import UNITS, Units

__all__ = ["UNITS", "Catalog", "Formatter", "TextError", "Units", "available"]
