"""Where things are kept: the state folder (must outlive a crash) and the journal folder (is meant to be read).

State: `CHAOS_STATE_DIR`, else the user's state folder; made 0700, and refused when anybody else could have put into it
what a later `chaos undo` would carry out. Journal: `CHAOS_JOURNAL_DIR`, else the nearest `journal/` with our marker
file at or above the working directory, else the user's data folder.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from .errors import BadInput

__all__ = [
    "APP",
    "MARKER",
    "at_home",
    "here",
    "journal_dir",
    "only_looking",
    "private_flags",
    "read_private",
    "runs_dir",
    "state_dir",
]

APP = "chaostoolkit-ext"
MARKER = ".chaos-journal"

private_flags = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""With what every file of the state folder is opened: never through a link, never handed to a child, and a pipe in its
place is not waited for.
"""


_is_looking: ContextVar[bool] = ContextVar("only looking", default=False)


@contextmanager
def only_looking() -> Iterator[None]:
    """Until the block ends no folder is made: for what must leave no trace, not even an empty folder."""
    token = _is_looking.set(True)
    try:
        yield
    finally:
        _is_looking.reset(token)


def at_home(path: str | Path) -> Path:
    """The path with `~` replaced; one that names a user who is not there stays as it is, as in a shell."""
    return Path(os.path.expanduser(path))


def here() -> Path:
    """The working directory. Raises BadInput when somebody deleted it under us."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise BadInput("the folder you are in was deleted; change into another one") from error


def state_dir(*parts: str) -> Path:
    """The state folder, or a folder below it; made if it is missing, 0700.

    Raises BadInput when it can't be made, or is not ours alone (owner, mode, a link, a parent that others may change).
    """
    named = os.environ.get("CHAOS_STATE_DIR")
    root = at_home(named).absolute() if named else _user_dir("state")
    if _is_looking.get() and not root.joinpath(*parts).exists():
        return root.joinpath(*parts)
    for depth in range(len(parts) + 1):  # one by one: mkdir gives its mode only to the last
        folder = _made(root.joinpath(*parts[:depth]), "CHAOS_STATE_DIR", mode=0o700)
        _refuse(_not_ours, folder)
    for parent in (root.parent.resolve() / root.name).parents:
        _refuse(_changeable, parent)
    return folder


def read_private(file: Path) -> bytes:
    """A file of the state folder. Raises OSError, also for a link, a pipe, and what others own or may write."""
    with open(os.open(file, os.O_RDONLY | private_flags), "rb") as opened:
        seen = os.fstat(opened.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "it is no file, but a folder, a pipe or a device; move it away")
        if seen.st_uid != os.geteuid():
            raise PermissionError(1, f"it belongs to user {seen.st_uid}, not to you, so nothing of it is carried out")
        if seen.st_mode & 0o022:
            raise PermissionError(
                1, "others may write it, so nothing of it is carried out; chmod 600 it if it is yours"
            )
        return opened.read()


def journal_dir() -> Path:
    """The journal folder (see the module's head); not made here."""
    named = os.environ.get("CHAOS_JOURNAL_DIR")
    if named:
        return at_home(named).absolute()
    start = here()
    for folder in (start, *start.parents):
        if (folder / "journal" / MARKER).is_file():
            return folder / "journal"
    return _user_dir("data") / "journal"


def runs_dir() -> Path:
    """Where records lie: `runs/` in the journal folder; made if it is missing. Raises BadInput when it can't be."""
    return _made(journal_dir() / "runs", "CHAOS_JOURNAL_DIR", mode=0o755)


def _user_dir(kind: str) -> Path:
    from platformdirs import user_data_path, user_state_path

    return user_state_path(APP) if kind == "state" else user_data_path(APP)


def _made(folder: Path, variable: str, *, mode: int) -> Path:
    if _is_looking.get() or folder.is_dir():  # mkdir would wait for a disk that hangs although the folder is there
        return folder
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"cannot make the folder {folder}: {error.strerror}; set {variable} to a folder you may write to"
        ) from error
    return folder


def _refuse(wrong: Callable[[os.stat_result], str | None], folder: Path) -> None:
    try:
        seen = folder.lstat()
        why = wrong(seen)
        if wrong is _not_ours and not why and seen.st_mode & 0o077:
            _closed_to_others(folder)
    except OSError as error:
        why = f"cannot be looked at ({error.strerror})"
    if why:
        raise BadInput(
            f"the folder {folder} {why}, so what lies in the state folder cannot be trusted and nothing was done; mend "
            "that, or set CHAOS_STATE_DIR to a folder of your own"
        )


def _not_ours(seen: os.stat_result) -> str | None:
    """Why a folder of state cannot be trusted; None when only its owner, who is us, may change it."""
    if stat.S_ISLNK(seen.st_mode):
        return "is a symbolic link"
    if seen.st_uid != os.geteuid():
        return f"belongs to user {seen.st_uid}, not to you (user {os.geteuid()})"
    if seen.st_mode & 0o022:
        return f"has mode {stat.S_IMODE(seen.st_mode):o}, so others may change what is in it (chmod 700 it)"
    return None


def _closed_to_others(folder: Path) -> None:
    """Others could read in it, not change it: that is mended here, for it is our own."""
    try:
        folder.chmod(0o700)
    except OSError:
        pass  # a read-only disk: what lies there was not changed by others all the same


def _changeable(seen: os.stat_result) -> str | None:
    """Could somebody else put another folder in place of ours? Root could; so could everybody in what all may write,
    unless it is sticky, as /tmp is. The group that counts is not our own one: many systems give each person one.
    """
    if seen.st_uid not in (0, os.geteuid(), _NOBODY):
        return f"belongs to user {seen.st_uid}, who may put another in place of what is below"
    by_group = seen.st_mode & 0o020 and seen.st_gid not in (0, os.getegid())
    if (seen.st_mode & 0o002 or by_group) and not seen.st_mode & stat.S_ISVTX:
        return f"has mode {stat.S_IMODE(seen.st_mode):o}, and others may put another in place of what is below"
    return None


_NOBODY = 65534
"""How root's own folders look from within a user namespace (`man 7 user_namespaces`, overflowuid)."""
