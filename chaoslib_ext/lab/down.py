"""Taking the lab down, and purging what dead labs left."""

import shutil
from collections.abc import Callable

from .cleaning import clean
from .lock import changing
from .processes import orphans, stop
from .state import lab_dir

__all__ = ["down", "purge"]


def down(say: Callable[[str], None] = lambda _: None) -> bool:
    """End every process and remove every file of the lab; False when there was none. Raises LabError for what stays."""
    folder = lab_dir()
    with changing(folder, say):
        was = clean(folder)
    return was


def purge(say: Callable[[str], None] = lambda _: None) -> int:
    """Take the lab down, and end processes of labs whose folder was deleted; how many of those there were."""
    folder = lab_dir()
    with changing(folder, say):
        clean(folder)
        left = stop(orphans())
        shutil.rmtree(folder, ignore_errors=True)
    (folder.parent / "lab.lock").unlink(missing_ok=True)
    return left
