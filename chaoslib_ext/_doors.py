"""Keeps `probes` and `actions` open when a user's own package of the same name comes first on the path.

Imports nothing of ours: the host loads this on every `chaos` call. See docs/decisions/0001-faces-and-doors.md.
"""

import logging
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["FACES", "Doors", "keep_open"]

FACES = ("probes", "actions")
_ROOT = Path(__file__).parent.parent
_log = logging.getLogger("chaostoolkit")


class Doors:
    """A finder (PEP 451) for the two names alone: what is found under them also leads to our folder.

    Nothing of the user's is imported before the experiment asks for it.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The user's own package with our folder behind it, or None: then the next finder answers."""
        if name not in FACES or path is not None:
            return None
        ours, found = _ROOT / name, PathFinder.find_spec(name)
        if found is None or found.origin == str(ours / "__init__.py"):
            return None
        if found.submodule_search_locations is None:
            _warn_of_file(name, found)
            return None
        if found.origin is None:  # a folder without __init__.py: ours opens onto it by pkgutil.extend_path
            return spec_from_file_location(name, ours / "__init__.py")
        found.submodule_search_locations.append(str(ours))
        _tell(name, found)
        return found


def keep_open() -> None:
    """Set the doors before the first import of a face; calling it twice does no harm."""
    if Doors not in sys.meta_path:
        sys.meta_path.insert(0, Doors)
    for name in FACES:
        early, ours = sys.modules.get(name), str(_ROOT / name)
        if early is not None and hasattr(early, "__path__") and ours not in early.__path__:
            early.__path__.append(ours)


def _warn_of_file(name: str, found: ModuleSpec) -> None:
    _log.warning(
        f"your file {found.origin} hides the {name} of chaostoolkit-ext; rename it, or put it into a folder {name}/"
    )


def _tell(name: str, found: ModuleSpec) -> None:
    theirs = Path(found.origin or "").parent
    _log.debug(f"your package {theirs} stands before the {name} of chaostoolkit-ext; both are open")
    hidden = {file.stem for file in theirs.glob("*.py")} & {file.stem for file in (_ROOT / name).glob("*.py")}
    for module in sorted(hidden - {"__init__"}):
        _log.warning(
            f"your {theirs / module}.py hides {name}.{module} of chaostoolkit-ext; rename yours if you want both"
        )
