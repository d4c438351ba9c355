"""Python modules found without running any code of theirs: where they lie, which functions they have, what those take.

The host imports what an experiment names; that runs it, takes seconds, and hides one missing package behind another.
Here only the name at the front is looked up (nothing is executed for that), and files are read with `ast`.
"""

import ast
import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

__all__ = ["Function", "Module", "Modules", "Opaque", "Standard", "absolute", "distribution"]


class Opaque:
    """It is there, but cannot be read: part of Python, compiled, or made while it runs."""


@dataclass(frozen=True)
class Standard(Opaque):
    """A module of Python itself: its names are looked up, what its functions take is not; compiled, it has no text."""

    name: str
    text: "Module | None"

    @property
    def loaded(self) -> dict[str, Any] | None:
        """Its names as they are, if it is loaded already; None if it is not, and it is not loaded for this."""
        return vars(sys.modules[self.name]) if self.name in sys.modules else None


@dataclass(frozen=True)
class Module:
    """A module that can be read."""

    name: str
    file: Path
    tree: ast.Module


@dataclass(frozen=True)
class Function:
    """A function, and the module whose names its annotations use."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    module: Module


@dataclass
class Modules:
    """Finds modules and functions, each read once."""

    top: Callable[[str], "list[Path] | Opaque | None"] = field(default_factory=lambda: _top)
    _read: dict[str, "Module | Opaque | None"] = field(default_factory=dict)

    def find(self, name: str) -> "Module | Opaque | None":
        """The module of that dotted name; None when it is not installed here."""
        if name not in self._read:
            self._read[name] = self._find(name)
        return self._read[name]

    def has_top(self, name: str) -> bool:
        """Is the package at the front of that dotted name installed?"""
        return self.top(name.partition(".")[0]) is not None

    def children(self, name: str) -> list[str]:
        """Names of the modules in a package."""
        found = self._places(name.split("."))
        if not isinstance(found, list):
            return []
        folders = [place for place in found if place.is_dir()]
        files = {file.stem for folder in folders for file in folder.glob("*.py")}
        packages = {file.parent.name for folder in folders for file in folder.glob("*/__init__.py")}
        return sorted((files | packages) - {"__init__", "__main__"})

    def function(self, module: Module, name: str, depth: int = 0) -> "Function | Opaque | None":
        """The function of that name, followed through imports; Opaque when only running the module would tell."""
        found: Function | Opaque | None = None
        for node, always in _statements(module.tree.body):
            seen = self._given(module, node, name, depth)
            if seen is not None:
                found = seen if always or found is None else Opaque()  # which of them counts, only running it tells
        if found is None and (_makes_names(module.tree, name) or (depth == 0 and _has_getattr(module.tree))):
            return Opaque()
        return found

    def standard(self, module: Standard, name: str) -> Opaque | None:
        """Is a function of that name in a module of Python itself? None when it is not."""
        loaded = module.loaded
        if loaded is not None:
            return Opaque() if name in loaded or "__getattr__" in loaded else None
        return Opaque() if module.text is None or self.function(module.text, name) is not None else None

    def lacks(self, module: Module) -> list[str]:
        """Packages that it imports, itself or by its neighbours, and that are not installed here; sorted."""
        seen: set[str] = set()
        return sorted(self._lacking(module, seen))

    def _lacking(self, module: Module, seen: set[str]) -> set[str]:
        if module.name in seen:
            return set()
        seen.add(module.name)
        found: set[str] = set()
        for name in _imports(module):
            neighbour = self.find(name) if name.partition(".")[0] == module.name.partition(".")[0] else Opaque()
            if isinstance(neighbour, Module):
                found |= self._lacking(neighbour, seen)
            elif not self.has_top(name):
                found.add(name.partition(".")[0])
        return found

    def functions(self, module: Module) -> list[str]:
        """Names of the public functions that are written in it."""
        nodes = [
            one for one, _ in _statements(module.tree.body) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        return sorted({node.name for node in nodes if not node.name.startswith("_")})

    def assigned(self, module: Module, name: str, depth: int = 0) -> tuple[ast.expr, Module] | None:
        """What stands at the right of `name = ...`, followed through imports."""
        for node, _ in _statements(module.tree.body):
            if isinstance(node, ast.Assign) and any(getattr(one, "id", None) == name for one in node.targets):
                return node.value, module
            if isinstance(node, ast.ImportFrom) and depth < 5:
                for alias in node.names:
                    source = self.find(absolute(module, node)) if (alias.asname or alias.name) == name else None
                    if isinstance(source, Module):
                        return self.assigned(source, alias.name, depth + 1)
        return None

    def _given(self, module: Module, node: ast.stmt, name: str, depth: int) -> "Function | Opaque | None":
        """What that statement binds the name to."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return (Opaque() if node.decorator_list else Function(node, module)) if node.name == name else None
        if isinstance(node, ast.ImportFrom):
            return self._imported(module, node, name, depth)
        bound = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        if isinstance(node, ast.Import):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        return Opaque() if name in bound or getattr(node, "name", None) == name else None

    def _imported(self, module: Module, node: ast.ImportFrom, name: str, depth: int) -> "Function | Opaque | None":
        for alias in node.names:
            if alias.name != "*" and (alias.asname or alias.name) != name:
                continue
            source = self.find(absolute(module, node)) if depth < 5 else Opaque()
            if alias.name == "*":
                found = self.function(source, name, depth + 1) if isinstance(source, Module) else Opaque()
                if found is not None:
                    return Opaque() if name.startswith("_") else found  # `__all__` may list such a name
            elif isinstance(source, Module):
                return self.function(source, alias.name, depth + 1) or Opaque()
            else:
                return Opaque()
        return None

    def _find(self, name: str) -> "Module | Opaque | None":
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        if parts[0] in sys.stdlib_module_names:
            return self._standard(name) if _is_stdlib(name) else None
        return self._lying(name, parts)

    def _standard(self, name: str) -> Standard:
        text = self._lying(name, name.split("."))
        return Standard(name, text if isinstance(text, Module) else None)

    def _lying(self, name: str, parts: list[str]) -> "Module | Opaque | None":
        places = self._places(parts)
        if not isinstance(places, list):
            return places
        for place in places:
            file = place / "__init__.py" if place.is_dir() else place
            if file.suffix == ".py" and file.is_file():
                return _parsed(name, file)
        return Opaque() if places else None

    def _places(self, parts: list[str]) -> "list[Path] | Opaque | None":
        """Files or folders that are that module; None when there is none."""
        places = self.top(parts[0])
        for part in parts[1:]:
            if not isinstance(places, list):
                return places
            places = [found for folder in places if folder.is_dir() for found in _below(folder, part)] or None
        return places


def _top(name: str) -> "list[Path] | Opaque | None":
    try:
        spec = importlib.util.find_spec(name)  # a name without a dot: nothing is executed
    except (ImportError, ValueError, AttributeError):  # made while it runs: the host gives `logzero` so
        return Opaque() if name in sys.modules else None
    if spec is None:
        return None
    if spec.submodule_search_locations is not None:
        folders = [Path(folder) for folder in spec.submodule_search_locations]
        return [*folders, *_opened(name, folders)]
    file = Path(spec.origin) if spec.origin else None
    return [file] if file and file.suffix == ".py" else Opaque()


def _opened(name: str, folders: list[Path]) -> list[Path]:
    """Folders of the same name that a package with `extend_path` opens onto, as our own two faces do."""
    inits = [folder / "__init__.py" for folder in folders if (folder / "__init__.py").is_file()]
    if not any("extend_path" in file.read_text(encoding="utf-8", errors="replace") for file in inits):
        return []
    others = [Path(entry or ".") / name for entry in sys.path]
    return [one for one in others if one.is_dir() and one not in folders]


def _below(folder: Path, name: str) -> list[Path]:
    try:
        compiled = list(folder.glob(f"{name}.*.so")) + list(folder.glob(f"{name}.pyd"))
        found = [one for one in (folder / name, folder / f"{name}.py") if one.exists()]
    except (OSError, ValueError, NotImplementedError):  # a name that no file can have
        return []
    return found + compiled


def _is_stdlib(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _parsed(name: str, file: Path) -> "Module | Opaque":
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in somebody's module is not our reader's matter
            return Module(name, file, ast.parse(file.read_bytes()))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return Opaque()


def _statements(body: list[ast.stmt], always: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """What runs when the module is imported, and whether it does in any case: what holds statements (`if`, `try`, ...)
    is given and looked into, functions and classes are not looked into.
    """
    for node in body:
        yield node, always
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _statements(_inside(node), False)


def _inside(node: ast.stmt) -> list[ast.stmt]:
    held = [*getattr(node, "handlers", []), *getattr(node, "cases", [])]
    return [one for part in (node, *held) for name in _BLOCKS for one in getattr(part, name, [])]


_BLOCKS = ("body", "orelse", "finalbody")


def _imports(module: Module) -> set[str]:
    """What it cannot be imported without: an import in a `try`, an `if` or a function may fail and be caught."""
    parts = module.name.split(".")
    found = {".".join(parts[:depth]) for depth in range(1, len(parts))}  # the packages around it run first
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}  # a name may be a module too
    return found - {""}


def _makes_names(tree: ast.Module, name: str) -> bool:
    """May it give itself names while it runs: by `globals()`, `vars()`, `exec`, `sys.modules`, `__dict__`, `global`?"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global) and name in node.names:
            return True
        if isinstance(node, ast.Name) and node.id in ("globals", "vars", "locals", "exec"):
            return True
        if isinstance(node, ast.Attribute) and node.attr in ("modules", "__dict__", "_convert_"):
            return True
    return False


def _has_getattr(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body)


def absolute(module: Module, node: ast.ImportFrom) -> str:
    """The dotted name of the module from which it imports."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + (module.file.name == "__init__.py")]
    return ".".join([*kept, node.module] if node.module else kept)


def distribution(name: str) -> str | None:
    """`chaostoolkit-kubernetes 0.39.0` for `chaosk8s.pod.actions`; None when nothing installed owns it."""
    owners = packages_distributions().get(name.partition(".")[0], [])
    try:
        return f"{owners[0]} {version(owners[0])}" if owners else None
    except PackageNotFoundError:
        return None
