"""Languages as feeds name them (BCP 47)."""

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)


def is_language(said: str) -> bool:
    """Whether it has the form of a language tag; what has not would spoil the pages it is written into."""
    return _TAG.fullmatch(said) is not None
