"""Is our control on, and is every control that the settings name really there?"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from .finding import Finding

__all__ = ["CONTROL", "check"]

_NAME = "guarding"
CONTROL = "chaoslib_ext.control"
_AFTER_ALL = "chaos undo --install-service: then what is left is undone at the next start"


def check(controls: Mapping[str, str] | None, settings: str) -> Iterator[Finding]:
    """`controls`: name -> module of each control in the settings file; None when that file cannot be read."""
    if controls is None:
        yield Finding(_NAME, "wrong", f"the settings {settings} cannot be read, so no control in them works")
    elif ours := [name for name, module in controls.items() if module == CONTROL]:
        yield Finding(_NAME, "ok", f"our control is in {settings} as {', '.join(ours)}")
    else:
        says = f"our control is not in {settings}: only experiments that name it themselves are recorded and guarded"
        yield Finding(_NAME, "note", says, "chaos enable")
    yield from (_dead(name, module, settings) for name, module in (controls or {}).items() if not _is_there(module))


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _dead(name: str, module: str, settings: str) -> Finding:
    says = f"the control {name} in {settings} names {module}, which cannot be found: Chaos Toolkit runs on without it"
    return Finding(_NAME, "wrong", says, "mend its name, or install what it belongs to")
