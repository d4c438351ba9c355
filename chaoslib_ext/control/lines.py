"""On which line of an experiment's file something stands, read as the host reads it."""

from pathlib import Path
from typing import Any

__all__ = ["line_of"]


def line_of(source: str | None, path: tuple[Any, ...]) -> int | None:
    """The line, from 1, of the value at that path (`("method", 0)`); None when the file cannot tell.

    Of an activity it is the line of its function.
    """
    from chaoslib_ext.lint.reading import read

    tree = read(Path(source))[0] if source else None
    if tree is None or not tree.holds(path):
        return None
    function = (*path, "provider", "func")
    return tree.place(function if tree.holds(function) else path).line
