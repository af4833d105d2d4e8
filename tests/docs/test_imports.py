"""The import contracts of pyproject.toml are an allow-list: what a folder is not listed for is refused."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PROTECTED = {
    package: contract["allowed_importers"]
    for contract in CONTRACTS
    if contract["type"] == "protected"
    for package in contract["protected_modules"]
}
PROBE = "probe_of_imports"


def imported(file: Path) -> set[str]:
    """The top-level packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_every_third_party_package_is_in_a_list() -> None:
    found = {name for file in ROOT.glob("service/**/*.py") for name in imported(file)}
    unlisted = found - PROTECTED.keys() - sys.stdlib_module_names - {"service", "_typeshed"}
    assert unlisted == set(), "add them to a protected contract in pyproject.toml"


def may_import(folder: str, package: str) -> bool:
    """Whether a module in this package of ours is listed, or the protected package is above it."""
    listed = [*PROTECTED[package], package]
    return any(folder == one or folder.startswith(f"{one}.") for one in listed)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """What import-linter refuses in a copy where each folder has a module that imports all it may not."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "service", copy / "service", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    new = copy / "service" / "a_new_folder"
    new.mkdir()
    (new / "__init__.py").touch()
    for folder in folders_in(copy):
        package = ".".join(folder.relative_to(copy).parts)
        lines = [f"import {name}" for name in PROTECTED if not may_import(package, name)]
        (folder / f"{PROBE}.py").write_text("\n".join(lines))
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    text = re.sub(r"->\s+", "-> ", ran.stdout)  # it wraps long lines
    return set(re.findall(rf"(service[\w.]*)\.{PROBE} -> ([\w.]+)", text))


def folders_in(root: Path) -> list[Path]:
    return sorted(file.parent for file in root.glob("service/**/__init__.py"))


@pytest.mark.parametrize("package", PROTECTED)
def test_a_package_is_refused_wherever_it_is_not_listed(package: str, refused: set[tuple[str, str]]) -> None:
    folders = {".".join(folder.relative_to(ROOT).parts) for folder in folders_in(ROOT)}
    folders.add("service.a_new_folder")
    expected = {(folder, package) for folder in folders if not may_import(folder, package)}
    assert expected - refused == set()
