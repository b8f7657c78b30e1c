"""The rules of the house, held by reading and importing the sources: arrows, packages, imports, sizes, the wheel."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "pathproof"
ROOMS = ("graph_schema", "ingest", "explain", "validate")
SHARED = {"", "errors", "workspace"}
ARROWS = {
    "graph_schema": SHARED | {"graph_schema", "config"},
    "ingest": SHARED | {"ingest", "graph_schema"},
    "explain": SHARED | {"explain", "ingest", "graph_schema"},
    "validate": SHARED | {"validate", "graph_schema"},
    "cli": SHARED | {"cli", "config", *ROOMS},
    "config": SHARED | {"config"},
    "errors": {""},
    "workspace": {"", "errors"},
    "__init__": {""},
    "__main__": {"", "cli"},
}
HEAVY = ("torch", "torch_geometric", "matplotlib", "sklearn")
MAX_FILE, MAX_FUNCTION = 300, 60
MACHINE_PATH = re.compile(r"(?<![\w.${}~/-])/(?:home|root|tmp|opt|mnt|scratch|Users|private|work)/[\w.-]+")
TEXT = (".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".json", ".cypher", ".html", ".css", ".cfg", ".sh", "")


def sources() -> list[Path]:
    """All Python files of the package, by their path under src/pathproof (through the links)."""
    found = [Path(d) / n for d, _, names in os.walk(SOURCE, followlinks=True) for n in names if n.endswith(".py")]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def tracked() -> list[Path]:
    """Files that git knows, links left out."""
    answer = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if answer.returncode != 0:
        _skip_outside_ci("this is not a git checkout")
    paths = [ROOT / name for name in answer.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _skip_outside_ci(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"in CI this test must run: {reason}")
    pytest.skip(reason)


def part_of(path: Path) -> str:
    """Room of a file under src/pathproof, or the name of a module that stands alone."""
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything a file imports, wherever the statement stands; names by string too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and "import" in ast.unparse(node.func) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def broken_arrows(source: str, part: str, package: tuple[str, ...] = ("pathproof",)) -> list[str]:
    """Imports of a file that its room may not make."""
    known = set(ARROWS) | {""}
    wrong = []
    for line, name in imported(source, package):
        head, _, rest = name.partition(".")
        target = rest.split(".")[0]
        if head in ROOMS:
            wrong.append(f"line {line}: bare import of {name}")
        elif head == "pathproof" and target in known and target not in ARROWS[part]:
            wrong.append(f"line {line}: {part} may not import {name}")
    return wrong


def functions(source: str) -> Iterator[tuple[str, int, int]]:
    """Name, line and length of every function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def test_rooms_import_along_the_arrows_only() -> None:
    """graph_schema <- ingest <- explain, graph_schema <- validate; nobody but __main__ imports the cli."""
    wrong = []
    for path in sources():
        package = ("pathproof", *path.relative_to(SOURCE).parent.parts)
        found = broken_arrows(path.read_text(encoding="utf-8"), part_of(path), package)
        wrong += [f"{path.relative_to(ROOT)}, {text}" for text in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("validate", "from pathproof.explain.train import train"),
        ("validate", "def f():\n    from pathproof import ingest"),
        ("explain", "import pathproof.cli.app"),
        ("explain", "from pathproof.validate import claims"),
        ("graph_schema", "from pathproof.ingest.pipeline import ingest"),
        ("graph_schema", "from ..ingest import pipeline"),
        ("ingest", "if TYPE_CHECKING:\n    from pathproof.explain.data import Dataset"),
        ("ingest", "importlib.import_module('pathproof.validate.run')"),
        ("explain", "import validate"),
        ("validate", "from graph_schema.records import Claim"),
        ("errors", "from pathproof.workspace import content_key"),
    ],
)
def test_the_arrow_check_sees_a_forbidden_import(part: str, source: str) -> None:
    """Each forbidden form is found, whether nested, relative, for types only or by name."""
    assert len(broken_arrows(source, part, ("pathproof", part))) >= 1


def test_the_arrow_check_lets_allowed_imports_pass() -> None:
    """No false alarm for a room's own modules, the shared ones and other packages."""
    text = "import validate_email\nfrom pathproof.errors import DataError\nfrom . import claims\nimport pathproof\n"
    assert broken_arrows(text + "from pathproof.graph_schema.records import Claim", "validate", ("pathproof",)) == []


def test_nobody_imports_a_room_by_its_bare_name() -> None:
    """A top-level `validate` collides with other packages: tests, benchmarks and scripts name the whole path too."""
    wrong = [
        f"{path.relative_to(ROOT)}, line {line}: {name}"
        for path in tracked()
        if path.suffix == ".py"
        for line, name in imported(path.read_text(encoding="utf-8"), ())
        if name.partition(".")[0] in ROOMS and path != Path(__file__).resolve()
    ]
    assert not wrong, "\n".join(wrong)


def test_the_package_list_equals_the_folders() -> None:
    """Every folder with __init__.py is packaged, every packaged name is such a folder, every code folder has one."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {path.parent for path in sources() if path.name == "__init__.py"}
    names = sorted(".".join(("pathproof", *folder.relative_to(SOURCE).parts)) for folder in folders)
    assert (sorted(set(names) - set(tools["packages"])), sorted(set(tools["packages"]) - set(names))) == ([], [])
    assert {path.parent for path in sources()} == folders
    for name, folder in tools["package-dir"].items():
        assert (ROOT / folder).resolve() == (SOURCE / Path(*name.split(".")[1:])).resolve()


@pytest.mark.parametrize("room", ROOMS)
def test_the_links_lead_to_the_rooms(room: str) -> None:
    """Relative links, so that a clone anywhere works."""
    link = SOURCE / room
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve() == ROOT / room


def module_names(below: str = "") -> list[str]:
    """Dotted names of all modules, of one room or of the whole package."""
    names = []
    for path in sources():
        parts = ("pathproof", *path.relative_to(SOURCE).with_suffix("").parts)
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if parts[-1] != "__main__" and (not below or parts[1:2] == (below,)):
            names.append(".".join(parts))
    return names


GUARDED_IMPORT = """
import json, sys
EVENTS = []
def watch(event, args):
    # urllib3 binds a port of the loopback at import, to see whether there is IPv6: nothing leaves the machine.
    local = event == "socket.bind" and args[1][0] in ("::1", "127.0.0.1")
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto") and not local:
        EVENTS.append(f"{event} {args[1:]}")
        raise OSError("no network at import")
sys.addaudithook(watch)
import importlib
for name in sys.argv[2:]:
    importlib.import_module(name)
open(sys.argv[1], "w").write(json.dumps({"events": EVENTS, "modules": sorted(sys.modules)}))
"""


def import_apart(names: list[str], folder: Path) -> dict[str, list[str]]:
    """Import modules in a fresh process whose home, temporary and working folders are empty and watched."""
    homes = {name: folder / name for name in ("home", "temporary", "working")}
    for path in homes.values():
        path.mkdir()
    answer = folder / "answer.json"
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "VIRTUAL_ENV", "PYTHONPATH")}
    env = {**kept, "HOME": str(homes["home"]), "TMPDIR": str(homes["temporary"]), "PYTHONDONTWRITEBYTECODE": "1"}
    env["TORCHINDUCTOR_CACHE_DIR"] = str(folder)  # importing torch_geometric makes this folder; ours make none
    done = subprocess.run(
        [sys.executable, "-c", GUARDED_IMPORT, str(answer), *names],
        cwd=homes["working"],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    assert not said, said[-3000:]
    assert done.returncode == 0
    made = [str(path.relative_to(folder)) for home in homes.values() for path in home.rglob("*")]
    assert made == []
    found: dict[str, list[str]] = json.loads(answer.read_text())
    return found


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    """All modules: no output, no file in the home, temporary or working folder, no socket used."""
    names = module_names()
    assert {"pathproof.errors", "pathproof.cli.app", "pathproof.explain.data"} <= set(names)
    assert import_apart(names, tmp_path)["events"] == []


def test_rooms_without_models_do_not_load_torch(tmp_path: Path) -> None:
    """No module of these rooms pulls torch or the explainers in: validating a CSV needs no model."""
    names = [name for room in ("graph_schema", "ingest", "validate") for name in module_names(room)]
    found = set(import_apart(names, tmp_path)["modules"])
    assert "pathproof.validate.claims" in found
    assert found.isdisjoint({"torch", "torch_geometric", "pathproof.explain"})


def test_public_entries_are_light(tmp_path: Path) -> None:
    """Packages load without their heavy libraries; only what draws or learns needs them."""
    found = set(import_apart(["pathproof", *(f"pathproof.{room}" for room in ROOMS)], tmp_path)["modules"])
    assert found.isdisjoint(HEAVY)


def test_the_wheel_holds_the_sources_and_nothing_else(tmp_path: Path) -> None:
    """Built from a copy; every file of the package, data included, is in it once under its name."""
    for module in ("build", "setuptools"):
        if importlib.util.find_spec(module) is None:
            _skip_outside_ci(f"the wheel is built with {module}, which is not installed: pip install {module}")
    copy = tmp_path / "copy"
    copy.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist")
    for name in (*ROOMS, "src"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "out"), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (wheel,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = sorted(name for name in archive.namelist() if ".dist-info/" not in name)
    walked = [Path(d) / n for d, _, names in os.walk(copy / "src" / "pathproof", followlinks=True) for n in names]
    wanted = {path.relative_to(copy / "src").as_posix() for path in walked}
    assert (sorted(wanted - set(held)), sorted(set(held) - wanted)) == ([], [])
    assert len(held) == len(set(held))


def test_no_path_of_somebodys_machine() -> None:
    """Tracked text names no absolute folder of a home, a temporary or a build machine."""
    wrong = []
    for path in tracked():
        if path.suffix in TEXT and path.name != "LICENSE":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                wrong += [f"{path.relative_to(ROOT)}:{number}: {hit}" for hit in MACHINE_PATH.findall(line)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("text", ["open('" + "/home" + "/me/x.csv')", "see " + "/tmp" + "/a.log", "=" + "/root" + "/x"])
def test_the_machine_path_check_sees_one(text: str) -> None:
    """Absolute paths are found; web addresses and relative ones are not."""
    assert MACHINE_PATH.search(text)
    assert not MACHINE_PATH.search("https://site.org/home/page and docs/tmp/x and ~/data/x and $HOME/tmp/x")


def test_files_and_functions_stay_short() -> None:
    """At most 300 lines a file and 60 a function."""
    wrong = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        if len(text.splitlines()) > MAX_FILE:
            wrong.append(f"{name}: {len(text.splitlines())} lines")
        wrong += [f"{name}:{line}: {f} has {n} lines" for f, line, n in functions(text) if n > MAX_FUNCTION]
    assert not wrong, "\n".join(wrong)
