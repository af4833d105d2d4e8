"""Tracebacks for the log, without what the exceptions say: their texts quote what an upstream wrote."""

import traceback


def without_messages(fault: BaseException) -> str:
    """Where the fault arose, and the kinds of exceptions that led to it, innermost last."""
    lines: list[str] = []
    seen: set[int] = set()
    inner: BaseException | None = fault
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        lines += [*traceback.format_tb(inner.__traceback__), f"{type(inner).__qualname__}\n"]
        inner = inner.__cause__ or inner.__context__
    return "".join(lines).rstrip()
