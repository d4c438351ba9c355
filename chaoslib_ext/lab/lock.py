"""One change to the lab at a time: a second `chaos lab up` waits for the first, and then finds it up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chaoslib_ext.errors import LabError

__all__ = ["changing", "is_changing"]

PATIENCE_S = 90


@contextmanager
def changing(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lab's lock. Raises LabError when another command keeps it for too long."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder.parent / "lab.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Another chaos lab command is at work; waiting for it ...")
        _wait(lock, folder)
    except OSError as error:
        raise LabError(
            f"cannot lock {folder.parent / 'lab.lock'}: {error.strerror}; free some space there, "
            "or set CHAOS_STATE_DIR to a folder you may write to"
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_changing(folder: Path) -> bool:
    """Is a command at work on the lab right now?"""
    from filelock import FileLock, Timeout

    if not (file := folder.parent / "lab.lock").exists():
        return False
    try:
        with FileLock(file, thread_local=False, timeout=0):
            return False
    except Timeout:
        return True


def _wait(lock, folder: Path) -> None:  # type: ignore[no-untyped-def]
    from filelock import Timeout

    try:
        lock.acquire(timeout=PATIENCE_S)
    except Timeout:
        raise LabError(
            f"another chaos lab command has been at work on {folder} for {PATIENCE_S} s; "
            "end it (Ctrl-C there), then try again"
        ) from None
