"""The house rules that a type checker does not know; import contracts stand in pyproject.toml."""

import ast
import dataclasses
import importlib
import pkgutil
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import api.routes
import domain
import projections
import sagas
from domain.fields import PersonalMark

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
PROGRAM = [*SRC.rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
EVERYTHING = [*PROGRAM, *(ROOT / "tests").rglob("*.py")]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {
    contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
}

LINES_OF_A_FILE_MAX = 400
LINES_OF_A_FUNCTION_MAX = 70
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}

FOR_STRANGERS = ("verify_draw.py",)
"""Scripts that are copied to a laptop which has nothing else of ours."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path, *kinds: type[ast.AST]) -> Iterator[Any]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, kinds))


def imported(path: Path) -> Iterator[str]:
    for node in nodes(path, ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            assert node.level == 0, f"{name(path)} imports relatively"
            yield node.module or ""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Yield every module of a package, all of them imported."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def owners(package: ModuleType, attribute: str) -> list[str]:
    """Return the modules of a package that make an `attribute` themselves, by reading them."""
    return [
        module.__name__
        for module in modules(package)
        for node in tree(Path(module.__file__ or "")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if ast.unparse(target) == attribute
    ]


def test_the_rules_need_the_standard_library_alone() -> None:
    allowed = {*sys.stdlib_module_names, "domain"}
    outside = {
        name(path): foreign
        for path in (SRC / "domain").rglob("*.py")
        if (foreign := {module.partition(".")[0] for module in imported(path)} - allowed)
    }
    assert outside == {}


def test_rules_projections_and_sagas_read_no_clock() -> None:
    readers = [
        f"{name(path)}:{call.lineno}"
        for package in ("domain", "projections", "sagas")
        for path in (SRC / package).rglob("*.py")
        for call in nodes(path, ast.Call)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in CLOCKS
        and ast.unparse(call.func.value) in ("datetime", "date", "time", "datetime.datetime")
    ]
    assert readers == []


def test_http_status_codes_and_the_web_stay_out_of_the_rules_and_the_store() -> None:
    users = [
        name(path)
        for package in ("domain", "store", "projections", "sagas")
        for path in (SRC / package).rglob("*.py")
        if {"http", "fastapi", "starlette", "uvicorn"}
        & {module.partition(".")[0] for module in imported(path)}
    ]
    assert users == []


def test_no_file_is_longer_than_its_reader_can_hold() -> None:
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in PROGRAM}
    assert {n: lines for n, lines in lengths.items() if lines > LINES_OF_A_FILE_MAX} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {
        f"{name(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in EVERYTHING
        for node in nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)
    }
    assert {n: lines for n, lines in lengths.items() if lines > LINES_OF_A_FUNCTION_MAX} == {}


@pytest.mark.parametrize(
    ("package", "attribute", "registered"),
    [
        (domain, "DECIDER", lambda: domain.DECIDERS),
        (projections, "VIEW", lambda: projections.VIEWS),
        (sagas, "SAGA", lambda: sagas.SAGAS),
    ],
)
def test_whatever_a_folder_declares_stands_in_its_table_of_contents(
    package: ModuleType, attribute: str, registered: Callable[[], tuple[object, ...]]
) -> None:
    declared = [getattr(sys.modules[owner], attribute) for owner in owners(package, attribute)]
    assert {id(one) for one in declared} == {id(one) for one in registered()}
    assert len(registered()) == len(set(map(id, registered())))


def test_every_route_stands_in_the_table_of_contents() -> None:
    declared = [
        operation
        for module in modules(api.routes)
        for operation in getattr(module, "OPERATIONS", ())
    ]
    assert {id(one) for one in declared} == {id(one) for one in api.routes.OPERATIONS}


def test_every_event_command_and_category_belongs_to_one_kind_of_case() -> None:
    for of in ("events", "commands"):
        classes = [cls for decider in domain.DECIDERS for cls in getattr(decider, of)]
        assert len(classes) == len(set(classes)), of
    categories = [decider.category for decider in domain.DECIDERS]
    assert len(categories) == len(set(categories))


def test_every_declared_event_belongs_to_a_kind_of_case() -> None:
    belonging = {event for decider in domain.DECIDERS for event in decider.events}
    declared = {
        cls
        for module in modules(domain)
        for cls in vars(module).values()
        if isinstance(cls, type) and "__stored_name__" in vars(cls)
    }
    assert declared == belonging


def marks(kind: Any, seen: set[Any]) -> Iterator[object]:
    """Yield every mark that stands on a type, on its parts, and on the parts of its values."""
    yield from getattr(kind, "__metadata__", ())
    for part in get_args(kind):
        yield from marks(part, seen)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind not in seen:
        seen.add(kind)
        for hint in get_type_hints(kind, include_extras=True).values():
            yield from marks(hint, seen)


def test_events_are_structural_and_carry_no_constraint() -> None:
    constrained = {
        event.__name__: found
        for decider in domain.DECIDERS
        for event in decider.events
        if (found := [mark for mark in marks(event, set()) if not isinstance(mark, PersonalMark)])
    }
    assert constrained == {}


def test_no_query_asks_for_whatever_columns_there_are() -> None:
    asking = [
        name(path)
        for path in [*PROGRAM, *SRC.rglob("*.sql")]
        if re.search(r"select\s+([a-z_]+\.)?\*", path.read_text("utf-8"), re.IGNORECASE)
    ]
    assert asking == []


def test_import_contracts_name_every_package_and_every_aggregate() -> None:
    packages = {path.parent.name for path in SRC.glob("*/__init__.py")}
    assert set(PYPROJECT["tool"]["importlinter"]["root_packages"]) == packages
    aggregates = {".".join(owner.split(".")[:2]) for owner in owners(domain, "DECIDER")}
    independent = set(CONTRACTS["Aggregates do not import each other"]["modules"])
    assert independent == aggregates - {"domain.rulebook"}  # its values are everyone's kernel


def test_what_strangers_run_needs_the_standard_library_alone() -> None:
    for file in FOR_STRANGERS:
        modules = {module.partition(".")[0] for module in imported(ROOT / "scripts" / file)}
        assert modules <= sys.stdlib_module_names, file


def test_only_scripts_compose_and_each_finds_its_environment_first() -> None:
    lost = []
    for path in (ROOT / "scripts").glob("[!_]*.py"):
        if path.name in FOR_STRANGERS:
            continue
        asks_to_enter = [
            call.lineno
            for call in nodes(path, ast.Call)
            if ast.unparse(call.func) == "_bootstrap.enter"
        ]
        if "__main__" in path.read_text("utf-8") and not asks_to_enter:
            lost.append(name(path))
    assert lost == []


def locked(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", text, re.MULTILINE))


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert not re.search(r"://|--index|--find-links|--trusted-host|@ ", text)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {n: version for n, version in development.items() if n in runtime} == runtime
    for wanted, lock in (
        (PYPROJECT["project"]["dependencies"], runtime),
        (PYPROJECT["dependency-groups"]["dev"], development),
    ):
        names = {re.split(r"[\[<>=!~ ;]", line)[0].lower() for line in wanted}
        assert names - set(lock) == set()
