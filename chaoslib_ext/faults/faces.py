"""Which functions an experiment names are ours: by the file they lie in, for a user's own folder may have our name."""

from importlib.util import find_spec
from pathlib import Path

import chaoslib_ext

__all__ = ["is_ours"]

_ROOT = Path(chaoslib_ext.__file__).parent.parent
_NAMES = ("actions", "probes")


def is_ours(module: object) -> bool:
    """Is it a module of our faces (`actions.toxics`, `probes.http`)? Nothing but the face's own package is imported."""
    name = module if isinstance(module, str) else ""
    if name.partition(".")[0] not in _NAMES or name.count(".") != 1:
        return False
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return False
    origin = spec.origin if spec else None
    return origin is not None and Path(origin).parent == _ROOT / name.partition(".")[0]
