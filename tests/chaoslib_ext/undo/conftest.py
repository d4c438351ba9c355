"""Undos that touch nothing but a set in memory."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.errors import ProxyUnreachable
from chaoslib_ext.model import Undo


class World:
    """Faults as names in a set; an undoer for them that may be told to resist."""

    def __init__(self) -> None:
        self.faults: set[str] = set()
        self.calls: list[str] = []
        self.resist: dict[str, int] = {}
        self.hides = False

    def undo(self, args: dict[str, Any]) -> Any:
        name = args["name"]
        self.calls.append(name)
        if self.resist.get(name, 0) > 0:
            self.resist[name] -= 1
            raise ProxyUnreachable(f"{name} does not answer")
        if name not in self.faults:
            return "already gone"
        if not self.hides:
            self.faults.discard(name)
        return "undone"

    def verify(self, args: dict[str, Any]) -> bool:
        return args["name"] not in self.faults

    def subject(self, args: dict[str, Any]) -> str | None:
        return args.get("subject")

    @property
    def undoers(self) -> Any:
        return {"proxy": {"forget": self}}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def an_undo(world: World) -> Callable[..., Undo]:
    def make(id: int, name: str | None = None, **more: Any) -> Undo:
        name = name or f"fault-{id}"
        world.faults.add(name)
        facts = {"run": "r", "driver": "proxy", "op": "forget", "args": {"name": name, "server": "s"}, "fault": "test"}
        return Undo(id=id, says=f"forget {name}", by_hand=f"forget {name} by hand", **{**facts, **more})

    return make
