"""The closed list of undo operations, gathered from the drivers: loaded when first needed."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from chaoslib_ext.undo.replay import Undoers

__all__ = ["load"]

_DRIVERS = {"proxy": "chaoslib_ext.proxy.undo", "host": "chaoslib_ext.guests.undo"}
"""Driver -> the module whose `UNDOERS` knows how to undo what it did."""


@cache
def load() -> "Undoers":
    """Driver -> operation -> Undoer."""
    return {driver: cast("Undoers", import_module(module).UNDOERS) for driver, module in _DRIVERS.items()}  # type: ignore[misc]
