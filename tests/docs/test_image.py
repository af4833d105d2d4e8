"""The Dockerfile keeps to what the image promises."""

import json
import re
import tomllib
from pathlib import Path

from dockerfile import stages, steps

ROOT = Path(__file__).parents[2]
STEPS = steps()
LAST_STAGE = stages()[-1]


def _of(word: str, steps: list[tuple[str, str]] = STEPS) -> list[str]:
    return [rest for name, rest in steps if name == word]


def test_the_base_images_are_pinned_by_their_full_version() -> None:
    bases = [base.split()[0] for base in _of("FROM")]
    versions = {re.fullmatch(r"python:(\d+\.\d+\.\d+)(-slim)?-bookworm", base) for base in bases}
    assert None not in versions
    assert len({match[1] for match in versions if match}) == 1
    assert "-slim-" in bases[-1]


def test_it_does_not_run_as_root() -> None:
    (user,) = _of("USER", LAST_STAGE)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    after = [word for word, _ in LAST_STAGE[LAST_STAGE.index(("USER", user)) :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)


def test_commands_are_in_exec_form() -> None:
    health = _of("HEALTHCHECK", LAST_STAGE)[0].partition(" CMD ")[2]
    for command in [*_of("ENTRYPOINT", LAST_STAGE), *_of("CMD", LAST_STAGE), health]:
        assert all(isinstance(word, str) for word in json.loads(command))


def test_its_health_is_looked_at_without_tools_that_are_not_there() -> None:
    (health,) = _of("HEALTHCHECK", LAST_STAGE)
    program, option, code = json.loads(health.partition(" CMD ")[2])
    assert (program, option) == ("python", "-c")
    compile(code, "HEALTHCHECK", "exec")
    assert "/healthz" in code


def test_only_the_volume_is_written_to() -> None:
    (volume,) = _of("VOLUME", LAST_STAGE)
    (environment,) = _of("ENV", LAST_STAGE)
    assert f"PORTAL_WIDGETS_STORE__URL=sqlite://{volume}/" in environment
    assert "PYTHONDONTWRITEBYTECODE=1" in environment
    assert "--worker-tmp-dir /dev/shm" in environment
    assert _of("WORKDIR", LAST_STAGE) == ["/"]


def test_it_ends_when_it_is_told_to() -> None:
    assert _of("STOPSIGNAL", LAST_STAGE) == ["SIGTERM"]


def test_it_serves_every_interface_of_the_container() -> None:
    (command,), (port,) = _of("CMD", LAST_STAGE), _of("EXPOSE", LAST_STAGE)
    assert json.loads(command) == ["serve", "--bind", f"0.0.0.0:{port}"]


def test_no_compiler_and_no_source_gets_into_the_last_stage() -> None:
    assert _of("COPY", LAST_STAGE) == ["--from=build /app /app"]
    assert not re.search(r"apt|pip install", " ".join(_of("RUN", LAST_STAGE)))


def test_its_label_tells_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    (label,) = _of("LABEL", LAST_STAGE)
    assert f'org.opencontainers.image.version="{version}"' in label


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = [copy.split()[:-1] for copy in _of("COPY") if not copy.startswith("--from")]
    assert "*" in ignored
    assert sent == {source for sources in copied for source in sources}
    assert all((ROOT / source).exists() for source in sent)
