"""What `chaos discover --no-install chaostoolkit-ext` lists: every probe and action that lies in our folders.

The folders are walked by name when asked: the engine never imports a face, and a new file is found by being there.
"""

import inspect
import logging
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from . import __version__
from ._doors import FACES

__all__ = ["discovered"]

_ROOT = Path(__file__).parent.parent
_log = logging.getLogger("chaostoolkit")


def discovered() -> dict[str, Any]:
    """The host's discovery form; `activities` sorted by module and name, the same under any hash seed."""
    from chaoslib.discovery.discover import initialize_discovery_result

    result: dict[str, Any] = dict(initialize_discovery_result("chaostoolkit-ext", __version__, "chaostoolkit-ext"))
    for face in FACES:
        for module in sorted(iter_modules([str(_ROOT / face)]), key=lambda found: found.name):
            result["activities"].extend(_activities(face, module.name))
    return result


def _activities(face: str, name: str) -> list[dict[str, Any]]:
    from importlib import import_module

    from chaoslib.discovery.discover import discover_activities

    module = import_module(f"{face}.{name}")
    if Path(module.__file__ or "").resolve().parent != (_ROOT / face).resolve():
        _log.warning(f"{module.__file__} hides {face}.{name} of chaostoolkit-ext; rename yours if you want both")
        return []
    listed = discover_activities(module.__name__, face.removesuffix("s"))
    return [_with_keywords(activity, getattr(module, activity["name"])) for activity in listed]


def _with_keywords(activity: dict[str, Any], function: Any) -> dict[str, Any]:
    """The host leaves out keyword-only parameters, but an experiment may set them: every argument is by name."""
    from chaoslib.discovery.discover import portable_type_name

    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        argument: dict[str, Any] = {"name": parameter.name, "type": portable_type_name(parameter.annotation)}
        if parameter.default is not parameter.empty:
            argument["default"] = parameter.default
        activity["arguments"].append(argument)
    return activity
