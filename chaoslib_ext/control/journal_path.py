"""Where the host will write its own journal: it finds out that it cannot only when everything is over."""

import os
from pathlib import Path

from .facts import click_context

__all__ = ["unwritable"]


def unwritable() -> str | None:
    """Why `chaos run` could not write its journal where it was told to; None where it can, or writes none."""
    named = (click_context() or {}).get("journal_path")
    if named is None:
        return None
    path = Path(named)
    if path.is_symlink() and not path.exists():
        path = path.resolve()  # the host writes where it leads
    if not named:
        why = "it has no name"
    elif path.is_dir():
        why = "it is a folder"
    elif not path.parent.is_dir():
        why = f"there is no folder {path.parent}"
    elif path.is_fifo() and not path.is_symlink():  # as `>(...)` of a shell is, which is open already
        why = "it is a pipe, at which the run might wait for ever"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "permission denied"
    else:
        return None
    return f"the journal {named!r} cannot be written: {why}; create it, or name another with --journal-path"
