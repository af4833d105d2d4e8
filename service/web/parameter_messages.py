"""What is wrong with a parameter: a sentence for readers, a phrase for programs."""

from service.locales.formatter import Formatter
from service.web.parameters import Fault


def sentence(fault: Fault, formatter: Formatter) -> str:
    """In the reader's language."""
    if fault.low is not None:
        return formatter.text("error.parameter_range", name=fault.name, min=fault.low, max=fault.high)
    if fault.example:
        return formatter.text("error.parameter_colour", name=fault.name, example=fault.example)
    return formatter.text("error.parameter", name=fault.name, values=fault.values)


def phrase(fault: Fault) -> str:
    """For `errors` of a problem."""
    if fault.low is not None:
        return f"Must be a whole number from {fault.low} to {fault.high}."
    if fault.example:
        return f"Must be six hex digits, such as {fault.example}."
    return f"Must be {fault.values}." if fault.several else f"Must be one of: {fault.values}."
