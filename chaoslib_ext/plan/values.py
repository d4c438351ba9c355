"""Which values a part of an experiment still lacks: `${name}` of configuration that nobody could give yet."""

import re
from typing import Any

from .experiment import Loaded

__all__ = ["lacking", "named"]

_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def lacking(value: Any, loaded: Loaded) -> str | None:
    """Why it cannot be told what `value` will be, in words; None when all it names is known."""
    names = dict.fromkeys(named(value))
    missing = [f"${{{name}}} ({loaded.unresolved[name]})" for name in names if name in loaded.unresolved]
    return f"it needs {', '.join(missing)}" if missing else None


def named(value: Any) -> list[str]:
    """Every name that stands in it as `${name}`."""
    if isinstance(value, str):
        return [one or other for one, other in _NAME.findall(value)]
    if isinstance(value, dict):
        value = list(value.values())
    return [name for one in value for name in named(one)] if isinstance(value, list | tuple) else []
