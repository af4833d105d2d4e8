"""Find every regular expression of the package and how it is used, and report those that cannot be found."""

import ast
import importlib
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import BuiltinMethodType, FunctionType, ModuleType
from typing import Any

import service

ROOT = Path(service.__file__).parent
_NOT_IMPORTED = {"service.__main__", "service.asgi", "service.gunicorn"}  # each does its work when imported
_METHODS = {
    "match": "match",
    "fullmatch": "fullmatch",
    **dict.fromkeys(("search", "sub", "subn", "split", "findall", "finditer"), "finditer"),
}
# These make a pattern of escaped texts alone: alternatives without repeats, which look once at each place.
MADE_OF_LITERALS = {"service.core.secrets"}

_COMPILED = ("compile", "escape")
_DEEPEST = 6  # containers within each other


@dataclass(frozen=True)
class Found:
    """A pattern, a name for it, the modules that hold it, and the methods that run it."""

    name: str
    pattern: re.Pattern[Any]
    modules: tuple[str, ...]
    methods: tuple[str, ...]


@cache
def patterns() -> list[Found]:
    """Return all patterns of the package: in globals, class members, containers, defaults and closures."""
    modules = [importlib.import_module(name) for name in module_names() if name not in _NOT_IMPORTED]
    used = _uses()
    places: dict[re.Pattern[Any], list[tuple[str, str]]] = defaultdict(list)
    for module in modules:
        for name, value in vars(module).items():
            for pattern in _within(value, module, _DEEPEST):
                places[pattern].append((module.__name__, name))
    return [
        Found(
            name=f"{':'.join(where[0])} {number}",
            pattern=pattern,
            modules=tuple(module for module, _ in where),
            methods=tuple(sorted(set().union(*(used.get(one, ()) for one in where)) or _METHODS.values())),
        )
        for number, (pattern, where) in enumerate(places.items())
    ]


def module_names() -> list[str]:
    """Return the names of all modules of the package, itself included."""
    walked = pkgutil.walk_packages([str(ROOT)], "service.")
    return ["service", *(one.name for one in walked)]


def _within(value: object, module: ModuleType, deepest: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif deepest:
        for part in _parts(value, module):
            yield from _within(part, module, deepest - 1)


def _parts(value: object, module: ModuleType) -> Iterable[object]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, type) and value.__module__ == module.__name__:
        return list(vars(value).values())
    if isinstance(value, FunctionType) and value.__module__ == module.__name__:
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
    return [value.__self__] if isinstance(value, BuiltinMethodType) else []  # `re.compile(…).sub` by itself


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    trees = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        trees.append((name, ast.parse(path.read_text(encoding="utf-8"))))
    return trees


def hidden() -> list[str]:
    """Return where a regular expression is compiled or run so that `patterns` cannot find it."""
    faults = []
    for module, tree in _trees():
        inside = set(_nodes_of_functions(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "re":
                faults.append(f"{module}:{node.lineno} takes names out of `re`")
            if isinstance(node, ast.Import) and any(one.name == "re" and one.asname for one in node.names):
                faults.append(f"{module}:{node.lineno} calls `re` by another name")
            if isinstance(node, ast.Call) and _is_nameless_regexp(node):
                faults.append(f"{module}:{node.lineno} has a pattern of marshmallow's that has no name")
            if not (isinstance(node, ast.Call) and _is_of_re(node.func)):
                continue
            called = node.func.attr  # type: ignore[attr-defined]
            if called not in _COMPILED:
                faults.append(f"{module}:{node.lineno} runs `re.{called}` with a pattern that has no name")
            elif called == "compile" and node in inside and module not in MADE_OF_LITERALS:
                faults.append(f"{module}:{node.lineno} compiles a pattern inside a function")
    return faults


def _nodes_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from ast.walk(node)
        return
    for child in ast.iter_child_nodes(node):
        yield from _nodes_of_functions(child)


def unfound() -> list[str]:
    """Return the modules that compile more patterns than `patterns` finds in them."""
    known = {(module, one.pattern) for one in patterns() for module in one.modules}
    found = Counter(module for module, _ in known)
    calls = Counter(
        module
        for module, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_of_re(node.func) and node.func.attr == "compile"  # type: ignore[attr-defined]
    )
    return [m for m, count in calls.items() if found[m] < count and m not in MADE_OF_LITERALS]


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
    )


def _is_nameless_regexp(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name == "Regexp" and not (call.args and isinstance(call.args[0], ast.Name))


def _uses() -> dict[tuple[str, str], set[str]]:
    """Return the methods called, by module and name; a pattern that is passed on may be run in any way."""
    uses: dict[tuple[str, str], set[str]] = defaultdict(set)
    for module, tree in _trees():
        names = _imported(tree)
        called: set[int] = set()
        for node in ast.walk(tree):
            is_call = isinstance(node, ast.Attribute) and node.attr in _METHODS
            if is_call and (of := _named(node.value, names)):
                uses[(of[0] or module, of[1])].add(_METHODS[node.attr])
                called.add(id(node.value))
        for node in ast.walk(tree):
            if id(node) in called or not isinstance(getattr(node, "ctx", None), ast.Load):
                continue
            if of := _named(node, names):
                uses[(of[0] or module, of[1])] |= set(_METHODS.values())
    return uses


def _imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Return the module of the package, or the name in one, that each imported name refers to."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("service"):
            for one in node.names:
                found[one.asname or one.name] = (node.module or "", one.name)
    return found


def _named(node: ast.AST, names: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return the module (empty: this one) and name that an expression refers to, or None."""
    if isinstance(node, ast.Name):
        return names.get(node.id, ("", node.id))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
        return ".".join(names[node.value.id]), node.attr
    return None
