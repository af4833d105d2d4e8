"""The Dockerfile as a list of steps, in the order in which they are written."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
Step = tuple[str, str]  # its word, such as RUN, and the rest of its lines as one


def steps() -> list[Step]:
    """Return every step, without comments and line ends."""
    written = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    uncommented = re.sub(r"^\s*#.*\n", "", written, flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (word, re.sub(r"\s+", " ", rest).strip())
        for word, rest in re.findall(r"^([A-Z]+) (.*)$", uncommented, re.MULTILINE)
    ]


def stages() -> list[list[Step]]:
    """Return the steps of each stage, which begins with its FROM."""
    found: list[list[Step]] = []
    for step in steps():
        if step[0] == "FROM":
            found.append([])
        found[-1].append(step)
    return found
