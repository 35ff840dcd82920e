"""What may know what, and what may not be done anywhere; beside the import rules in pyproject.toml."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "engine").rglob("*.py"), ROOT / "main.py"])
MOST_MODULES = 16
JOB_BOUNDARIES = {
    ROOT / "app" / "core" / "jobs" / "live_worker.py",
    ROOT / "engine" / "cli" / "command" / "reporting.py",
}


def test_the_engine_runs_without_qt() -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES if "engine" in path.parts]
    modules = [name.removesuffix(".__init__") for name in modules]
    code = f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\n"
    code += "sys.exit(any(name.split('.')[0] in ('PySide6', 'app', 'pyqtgraph') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0


def test_broad_catches_live_at_the_job_boundaries_only() -> None:
    broad = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler) or path in JOB_BOUNDARIES:
                continue
            names = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
            caught = {name.id for name in names if isinstance(name, ast.Name)}
            passes_on = any(isinstance(each, ast.Raise) and each.exc is None for each in node.body)
            if (node.type is None or caught & {"Exception", "BaseException"}) and not passes_on:
                broad.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert broad == []


def test_nothing_is_unpickled() -> None:
    forbidden = ("torch.load(", "pickle.", "allow_pickle=True", "joblib.load")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in SOURCES
        for word in forbidden
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_every_painter_ends_with_its_block() -> None:
    """One that an exception leaves open is held by the traceback, and ends the process once its device is gone."""
    left = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        ended = {item.context_expr for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "QPainter" and node not in ended:
                left.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert left == []


def test_no_room_is_crowded() -> None:
    rooms: dict[Path, int] = {}
    for path in SOURCES:
        if path.name != "__init__.py":
            rooms[path.parent] = rooms.get(path.parent, 0) + 1
    crowded = {str(room.relative_to(ROOT)): count for room, count in rooms.items() if count > MOST_MODULES}
    assert crowded == {}


def test_a_test_is_found_from_the_path_of_its_module() -> None:
    """The folders of the tests are those of the packages, and a test named after a module lies where that does."""
    modules = {path.relative_to(ROOT).with_suffix("") for path in SOURCES}
    places = {}
    for module in modules:
        places.setdefault(module.name, set()).add(module.parent)
    strays = []
    for test in [*(ROOT / "tests" / "app").rglob("test_*.py"), *(ROOT / "tests" / "engine").rglob("test_*.py")]:
        room = test.parent.relative_to(ROOT / "tests")
        subject = test.stem.removeprefix("test_")
        if not (ROOT / room).is_dir() or (subject in places and room not in places[subject]):
            strays.append(str(test.relative_to(ROOT)))
    assert strays == []
