"""What a file says, as plain data, and where each part of it stands in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["Path", "Place", "Tree", "pointer"]

Path = tuple[Any, ...]
"""The way from the root: keys and indices, such as `("method", 0, "name")`. YAML's keys need not be text."""


class Place(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Tree:
    """Data, and the place of every part: of an entry of a mapping that of its key.

    Marks are kept by the identity of the container that `data` holds, so an alias costs nothing.
    """

    data: Any
    root: Place
    marks: dict[int, dict[Any, Place]]

    def holds(self, path: Path) -> bool:
        """Is there something at that path?"""
        here = self.data
        for step in path:
            if step not in self.marks.get(id(here), {}):
                return False
            here = here[step]
        return True

    def place(self, path: Path) -> Place:
        """Where that stands; where something missing would stand, the nearest part around it that is there."""
        here, place = self.data, self.root
        for step in path:
            found = self.marks.get(id(here), {}).get(step) if isinstance(here, dict | list) else None
            if found is None:
                return place
            here, place = here[step], found
        return place

    def path_at(self, place: Place) -> Path:
        """The way to what stands at that place: the last, and of two the inner part that begins there or before."""
        best: tuple[Place, Path] = (Place(0, 0), ())
        for begins, path in self._parts(self.data, ()):
            if best[0] <= begins <= place:
                best = begins, path
        return best[1]

    def _parts(self, data: Any, path: Path) -> Iterator[tuple[Place, Path]]:
        for step, begins in self.marks.get(id(data), {}).items():
            yield begins, (*path, step)
            yield from self._parts(data[step], (*path, step))


def pointer(path: Path) -> str:
    """As JSONPath: `$.method[0].provider['max retries']`."""
    return "$" + "".join(_step(one) for one in path)


def _step(one: Any) -> str:
    if isinstance(one, int) and not isinstance(one, bool):
        return f"[{one}]"
    return f".{one}" if re.fullmatch(r"[A-Za-z_][\w-]*", str(one)) else f"[{str(one)!r}]"
