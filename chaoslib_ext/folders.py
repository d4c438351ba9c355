"""Where things are kept: the state folder (must outlive a crash) and the journal folder (is meant to be read).

State: `CHAOS_STATE_DIR`, else the user's state folder; made 0700. Journal: `CHAOS_JOURNAL_DIR`, else the nearest
`journal/` with our marker file at or above the working directory, else the user's data folder.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from .errors import BadInput

__all__ = ["APP", "MARKER", "journal_dir", "only_looking", "runs_dir", "state_dir"]

APP = "chaostoolkit-ext"
MARKER = ".chaos-journal"


_is_looking: ContextVar[bool] = ContextVar("only looking", default=False)


@contextmanager
def only_looking() -> Iterator[None]:
    """Until the block ends no folder is made: for what must leave no trace, not even an empty folder."""
    token = _is_looking.set(True)
    try:
        yield
    finally:
        _is_looking.reset(token)


def state_dir(*parts: str) -> Path:
    """The state folder, or a folder below it; made if it is missing, 0700. Raises BadInput when it can't be made."""
    named = os.environ.get("CHAOS_STATE_DIR")
    root = Path(named).expanduser().absolute() if named else _user_dir("state")
    return _made(root.joinpath(*parts), "CHAOS_STATE_DIR", mode=0o700)


def journal_dir() -> Path:
    """The journal folder (see the module's head); not made here."""
    named = os.environ.get("CHAOS_JOURNAL_DIR")
    if named:
        return Path(named).expanduser().absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
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
    if _is_looking.get():
        return folder
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"cannot make the folder {folder}: {error.strerror}; set {variable} to a folder you may write to"
        ) from error
    return folder
