"""How much text every element of a page holds, counted once: asking each element anew takes for ever."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode


@dataclass(frozen=True, slots=True)
class Lengths:
    """Characters of text, with runs of white space as one, by the element's `mem_id`."""

    texts: Mapping[int, int]
    linked: Mapping[int, int]

    def of(self, node: LexborNode) -> int:
        """Of an element with everything in it."""
        return self.texts.get(node.mem_id, 0)

    def link_share(self, node: LexborNode) -> float:
        """Which part of the element's text is in links; all of none."""
        whole = self.of(node)
        return self.linked.get(node.mem_id, 0) / whole if whole else 1.0


def measured(root: LexborNode | None) -> Lengths:
    """The lengths of all elements within this one, itself included."""
    texts: Counter[int] = Counter()
    linked: Counter[int] = Counter()
    for node in reversed(list(root.traverse(include_text=True)) if root is not None else []):
        key = node.mem_id
        if node.is_text_node:
            texts[key] = len(" ".join((node.text_content or "").split()))
        elif node.tag == "a":
            linked[key] = texts[key]
        if texts[key] and node.parent is not None:
            texts[node.parent.mem_id] += texts[key]
            linked[node.parent.mem_id] += linked[key]
    return Lengths(texts, linked)
