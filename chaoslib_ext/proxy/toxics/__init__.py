"""This room holds the toxics: one file each, registered by being there.

A toxic is a dataclass of settings with one coroutine, `pipe`, which reads chunks from a stub and writes them on:

    @dataclass
    class Drip(Toxic):
        pause_ms: int = 10

        async def pipe(self, stub):
            while chunk := await stub.read():
                await stub.sleep(self.pause_ms / 1000)
                await stub.write(chunk)

Two laws: stay interruptible (await nothing but the stub) and lose no byte (a chunk that was read and not yet written
is passed on by the stub itself when the toxic is taken away). Returning before `read` gave None closes the connection.
`chaoslib_ext.testing.toxics.check_toxic` holds a toxic to this. Guests register by the entry point group
`chaoslib_ext.toxics`; the type's name is the module's or the entry point's.
"""

import importlib
import pkgutil
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["Toxic", "registry"]


@dataclass
class Toxic:
    """What every toxic is: its settings, and what it does with the chunks of one direction of one connection.

    Settings are the dataclass fields, in the order in which the API shows them; an `int` is Go's int64.
    """

    room: ClassVar[int] = 1
    """How many chunks may wait before it; more than 1 only for a toxic that must take data while it delays."""
    passive: ClassVar[bool] = False
    """True for a toxic that does nothing: it is left out of the data path."""

    go_int: ClassVar[str] = "int64"
    """How Go calls the integers among the settings, for error messages; both are 64 bits."""

    @classmethod
    def go_name(cls) -> str:
        """How Go calls the settings, for error messages."""
        return f"{cls.__name__}Toxic"

    async def pipe(self, stub: "Stub") -> None:
        """Carry chunks from the stub's input to its output until `stub.read` gives None."""
        raise NotImplementedError

    def problem(self, given: Collection[str] = ()) -> str | None:
        """Say what is wrong with the settings and what to set instead; None when they can be used.

        `given` names the settings that somebody wrote down; the others are defaults, or stood before.
        """
        return None

    def cleanup(self, stub: "Stub") -> None:
        """Act on a connection from which the toxic was just removed; nothing by default."""

    def attributes(self) -> dict[str, Any]:
        """The settings as the API shows them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@cache
def registry() -> dict[str, type[Toxic]]:
    """Every toxic there is, by the name of its type: ours, then guests' (who cannot replace ours)."""
    found: dict[str, type[Toxic]] = {}
    for module in pkgutil.iter_modules(__path__):
        found[module.name] = _toxic_of(importlib.import_module(f"{__name__}.{module.name}"))
    for point in entry_points(group="chaoslib_ext.toxics"):
        found.setdefault(point.name, point.load())
    return found


def _toxic_of(module: Any) -> type[Toxic]:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Toxic) and value.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise TypeError(f"{module.__name__} must define exactly one Toxic, not {len(own)}")
    return own[0]
