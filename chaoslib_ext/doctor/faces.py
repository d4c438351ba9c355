"""Where `probes` and `actions` come from, and which of our modules a user's own hide."""

from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from chaoslib_ext._doors import FACES

from .finding import Finding

__all__ = ["check"]

_NAME = "faces"
_ROOT = Path(__file__).parent.parent.parent


def check() -> Iterator[Finding]:
    """One finding a face."""
    for name in FACES:
        yield from _of(name, _ROOT / name)


def _of(name: str, ours: Path) -> Iterator[Finding]:
    found = PathFinder.find_spec(name)
    if found is not None and found.submodule_search_locations is None:
        says = f"the file {found.origin} hides the {name} of chaostoolkit-ext"
        yield Finding(_NAME, "wrong", says, f"rename it, or put it into a folder {name}/")
        return
    folders = [Path(one).absolute() for one in (found.submodule_search_locations or [])] if found else []
    theirs = [one for one in folders if one != ours]
    hidden = sorted({file.stem for one in theirs for file in one.glob("*.py")} & {f.stem for f in ours.glob("*.py")})
    hidden = [one for one in hidden if one != "__init__"]
    if hidden:
        modules = ", ".join(f"{name}.{one}" for one in hidden)
        says = f"{modules}: both {theirs[0]} and chaostoolkit-ext have it, and one hides the other"
        yield Finding(_NAME, "wrong", says, "rename yours")
    else:
        beside = f", beside {', '.join(map(str, theirs))}" if theirs else ""
        yield Finding(_NAME, "ok", f"{name} comes from {ours}{beside}")
