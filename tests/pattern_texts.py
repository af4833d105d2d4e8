"""Texts that make a regular expression work as hard as possible, derived from its parse tree.

For every repeat in the pattern: what may come before it, then what it repeats, many times, then what makes
the match fail; the same begun many times; two adjacent repeats fed with what both match.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Items = Sequence[tuple[Any, Any]]

_MANY = 16  # repeats up to fewer are no work
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_OF_CATEGORY = {
    codes.CATEGORY_DIGIT: "7",
    codes.CATEGORY_NOT_DIGIT: "x ",
    codes.CATEGORY_SPACE: " \n\x1f",
    codes.CATEGORY_NOT_SPACE: "x-",
    codes.CATEGORY_WORD: "x7_",
    codes.CATEGORY_NOT_WORD: " -",
}
_ANYTHING = "x <\"'>&;=/-.,:7\n"
_ENDS = ("", "\0", "!x")
_MOST_SAMPLES = 4
_MOST_LETTERS = 24


@dataclass(frozen=True)
class Shape:
    """A text of any length: `head`, `body` repeated, `middle`, `body` repeated, `tail`."""

    head: str
    body: str
    middle: str
    tail: str

    def of_length(self, length: int) -> str:
        """Return the text with about this many characters."""
        times = max(1, (length - len(self.head) - len(self.middle) - len(self.tail)) // len(self.body))
        if not self.middle:
            return f"{self.head}{self.body * times}{self.tail}"
        half = max(1, times // 2)
        return f"{self.head}{self.body * half}{self.middle}{self.body * half}{self.tail}"


@dataclass(frozen=True)
class _Repeat:
    """A repeat in the pattern: samples of what comes before it, of what it repeats, and of what follows."""

    before: Sequence[str]
    body: Sequence[str]
    after: Sequence[str]


def shapes_of(pattern: re.Pattern[Any]) -> list[Shape]:
    """Return all shapes for this pattern, each once."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    items = list(parser.parse(source, pattern.flags & ~re.UNICODE & ~re.LOCALE))
    return list(dict.fromkeys(shape for shape in _shapes(items) if shape.body))


def _shapes(items: Items) -> Iterator[Shape]:
    groups: dict[int, str] = {}
    for repeat in _repeats(items, [""], [""], groups):
        for before, body, end in product(repeat.before, repeat.body, _ENDS):
            yield Shape(before, body, "", end)
        for before, body in product(repeat.before, repeat.body):
            yield Shape("", before + body, "", "\0")
            yield Shape("", before + body * 30, "", "\0")
            yield Shape(before + body, before, "", "\0")
            for after in repeat.after:
                yield Shape(before, body, after, "\0")
                yield Shape("", before + body + after, "", "\0")
                yield Shape(before, body + after, "", "\0")
                yield Shape(before, body, after[:1], "\0")
                yield Shape("", before + body * 9 + after[:1], "", "\0")
    for whole in _samples(items, {}, 8):
        for end in range(1, min(len(whole), 60) + 1):
            yield Shape("", whole[:end], "", "\0")
            yield Shape(whole[:end], whole[end - 1 : end], "", "\0")
        yield Shape("", whole, "", "")
        yield Shape("", whole + " ", "", "")
        yield Shape("", whole + "\0", "", "")
    letters = _letters(items)
    for one in letters:
        yield Shape("", one, "", "")
        yield Shape("", one, "", "\0")
    for one, other in islice(product(letters, letters), 150):
        yield Shape("", one + other, "", "\0")


def _repeats(
    items: Items, before: Sequence[str], after: Sequence[str], groups: dict[int, str]
) -> Iterator[_Repeat]:
    """Yield all repeats within, with samples of their surroundings."""
    for place, (code, argument) in enumerate(items):
        rest = _joined(_samples(items[place + 1 :], groups, _MOST_SAMPLES), after)
        if code in _REPEATS:
            low, high, inner = argument
            bodies = _pumps(list(inner), groups)
            bodies += [one for one in dict.fromkeys(text[:1] for text in rest) if one and one not in bodies]
            if high >= low + _MANY:
                yield _Repeat(before, bodies, rest)
            yield from _repeats(list(inner), _joined(before, ["", *bodies[:2]]), rest, groups)
        else:
            for inner in _inner(code, argument):
                yield from _repeats(inner, before, rest, groups)
        before = _joined(before, _samples([(code, argument)], groups, _MOST_SAMPLES))


def _inner(code: Any, argument: Any) -> list[Items]:
    if code is codes.SUBPATTERN:
        return [list(argument[3])]
    if code is codes.BRANCH:
        return [list(branch) for branch in argument[1]]
    if code is codes.ATOMIC_GROUP:
        return [list(argument)]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [list(argument[1])]
    return []


def _pumps(body: Items, groups: dict[int, str]) -> list[str]:
    if len(body) == 1 and body[0][0] in (codes.IN, codes.ANY, codes.NOT_LITERAL):
        return _members(*body[0])[:8]
    return [one for one in _samples(body, groups, 8) if one] or ["x"]


def _samples(items: Items, groups: dict[int, str], most: int) -> list[str]:
    """Return strings that these items match in sequence, as far as lookarounds allow."""
    found = [""]
    for code, argument in items:
        found = _joined(found, _of_one(code, argument, groups, most))[: most * 2]
    return list(dict.fromkeys(found))[:most]


def _of_one(  # noqa: PLR0911 - one answer for each kind of node
    code: Any, argument: Any, groups: dict[int, str], most: int
) -> list[str]:
    if code is codes.LITERAL:
        return [chr(argument)]
    if code in (codes.IN, codes.ANY, codes.NOT_LITERAL):
        return _members(code, argument)[:3]
    if code is codes.SUBPATTERN:
        found = _samples(list(argument[3]), groups, most)
        groups[argument[0] or 0] = found[0]
        return found
    if code is codes.BRANCH:
        return [one for branch in argument[1] for one in _samples(list(branch), groups, 1)][: most * 2]
    if code is codes.ATOMIC_GROUP:
        return _samples(list(argument), groups, most)
    if code is codes.GROUPREF:
        return [groups.get(argument, "x")]
    if code in _REPEATS:
        low, high, inner = argument
        once = _samples(list(inner), groups, most)
        least = [one * low for one in once]
        return least if low else [*(once if high else []), ""][: most + 1]
    return [""]


def _members(code: Any, argument: Any) -> list[str]:
    """Return some characters of a class, of every kind that it contains."""
    if code is codes.ANY:
        return list(_ANYTHING)
    if code is codes.NOT_LITERAL:
        return [one for one in _ANYTHING if ord(one) != argument]
    excluded = argument[0][0] is codes.NEGATE
    named: list[str] = []
    for kind, value in argument:
        if kind is codes.LITERAL:
            named.append(chr(value))
        elif kind is codes.RANGE:
            named += [chr(value[0]), chr(value[1])]
        elif kind is codes.CATEGORY:
            named += _OF_CATEGORY[value]
    if not excluded:
        return list(dict.fromkeys(named))
    pattern = re.compile(f"[{''.join(map(re.escape, named))}]") if named else None
    spread = _ANYTHING + "\u0301\u3000\u0103\ud800"
    return [one for one in spread if not (pattern and pattern.match(one))] or ["x"]


def _letters(items: Items) -> list[str]:
    """Return the single characters that occur in the pattern."""
    found: dict[str, None] = {}

    def walk(inner: Items) -> None:
        for code, argument in inner:
            if code is codes.LITERAL:
                found[chr(argument)] = None
            elif code in (codes.IN, codes.ANY, codes.NOT_LITERAL):
                found.update(dict.fromkeys(_members(code, argument)[:6]))
            elif code in _REPEATS:
                walk(list(argument[2]))
            else:
                for one in _inner(code, argument):
                    walk(one)

    walk(items)
    rare = [one for one in found if not one.isalnum()]
    return [*rare, *(one for one in found if one.isalnum())][:_MOST_LETTERS]


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Join heads with tails: the first of each with all of the other, so that every one occurs."""
    pairs = [*(one + second[0] for one in first), *(first[0] + one for one in second[1:])]
    return list(dict.fromkeys(pairs))[: 2 * _MOST_SAMPLES]


def hardest(pattern: re.Pattern[Any], run: Callable[[Any], float], length: int, most: int) -> list[Shape]:
    """Return the shapes that cost most at a small length; `run` returns the cost of a text."""
    coded = isinstance(pattern.pattern, bytes)
    costs = [
        (run(text.encode("utf-8", "surrogatepass") if coded else text), number, shape)
        for number, shape in enumerate(shapes_of(pattern))
        for text in [shape.of_length(length)]
    ]
    return [shape for _, _, shape in sorted(costs, key=lambda one: (-one[0], one[1]))[:most]]
