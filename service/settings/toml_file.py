"""Reading the TOML file, and telling in words why it cannot be read."""

import re
import tomllib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.core.errors import SettingsError

_BYTE_ORDER_MARKS = {BOM_UTF8: "UTF-8", BOM_UTF16_LE: "UTF-16", BOM_UTF16_BE: "UTF-16"}
_WORD_PROCESSOR_QUOTES = "“”„‟«»‘’‚‛"  # noqa: RUF001 - meant
_OPENING = re.compile(r"[\"'#]")
_TABLE = re.compile(r"\s*(\[\[?)([^\]#\n]+)\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")
_ERROR_LINE = re.compile(r"at line ([0-9]{1,9})")


def read_toml(name: str) -> dict[str, Any]:
    """Return the tables of the file of this name.

    Raises:
        SettingsError: for a file that cannot be read or is not TOML in UTF-8; it names the cause.
    """
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        raise SettingsError([f"{name}: cannot be read ({error.strerror})"]) from error
    try:
        return tomllib.loads(_text(content))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{name}: {fault}" for fault in _faults(content, error)]) from error


def _text(content: bytes) -> str:
    return content.decode("utf-8").replace("\r\n", "\n")


def _faults(content: bytes, error: ValueError) -> Iterator[str]:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            yield f"begins with a byte order mark of {encoding} (BOM); save it as UTF-8 without one"
            return
    if isinstance(error, UnicodeDecodeError):
        line = content.count(b"\n", 0, error.start) + 1
        yield f"not TOML in UTF-8 (line {line} holds the byte 0x{content[error.start]:02x}); save it as UTF-8"
        return
    text, line_of_error = _text(content), _ERROR_LINE.search(str(error))
    quotes = _word_processor_quotes(text)
    if quotes and (line_of_error is None or int(line_of_error[1]) in quotes):
        for number, quote in quotes.items():
            yield f'line {number}: {quote} is a quotation mark of a word processor; TOML has " on both sides'
    else:
        yield _duplicate(text) or f"not TOML in UTF-8 ({error})"


def _word_processor_quotes(text: str) -> dict[int, str]:
    """Return the first such quotation mark outside of strings and comments, by the number of the line."""
    marks = {}
    for number, line in enumerate(text.split("\n"), 1):
        rest = _outside_of_strings(line)
        if mark := next((letter for letter in rest if letter in _WORD_PROCESSOR_QUOTES), ""):
            marks[number] = mark
    return marks


def _outside_of_strings(line: str) -> str:
    """Return a line without its comment and its strings; one that is not closed on the line is left in."""
    rest, outside = line.replace("\\\\", "").replace('\\"', ""), ""
    while opening := _OPENING.search(rest):
        outside, mark, rest = outside + rest[: opening.start()], opening[0], rest[opening.end() :]
        _, closing, behind = rest.partition(mark)
        if mark == "#" or not closing:
            return outside if mark == "#" else outside + rest
        rest = behind
    return outside + rest


def _duplicate(text: str) -> str:
    """Return what is written twice and on which lines; empty where nothing is.

    A key is compared within its table, as it is written.
    """
    first: dict[tuple[str, str], int] = {}
    table, number_of_table = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if header := _TABLE.match(line):
            table, number_of_table = header[2].strip(), number
            if header[1] == "[[":  # a new item, whose own tables are new too
                first = {at: where for at, where in first.items() if not at[1].startswith(f"{table}.")}
                continue
            place, name, shown, within = "", table, f"[{table}]", ""
        elif key := _KEY.match(line):
            place, name = f"keys of {number_of_table}", key[1].strip("\"'")
            shown, within = f'"{name}"', f" in [{table}]" if table else ""
        else:
            continue
        if before := first.get((place, name)):
            twice = f"{shown} is written twice{within} (first on line {before})"
            return f"line {number}: {twice}; remove one of them"
        first[place, name] = number
    return ""
