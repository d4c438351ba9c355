"""Leaving nothing: every process of the lab ended, its server forgotten, its files gone, whatever state it is in."""

import shutil
from pathlib import Path

from chaoslib_ext.errors import LabError
from chaoslib_ext.proxy import servers

from .postgres import free_shared_memory
from .processes import found, marked, stop
from .state import LabState, read

__all__ = ["clean"]


def clean(folder: Path, *, keep_logs: bool = False) -> bool:
    """End and remove everything of the lab in `folder`; True when there was anything. Raises LabError for what stays.

    Works from the state on disk, and without it too: processes are also found by the mark they carry.
    """
    state = _state(folder)
    stopped = _stop_all(folder, state)
    if state and state.server:
        servers.forget(state.server)
    gone = _remove(folder, state, keep_logs)
    if left := marked(folder):
        names = ", ".join(f"{process.name()} ({process.pid})" for process in left)
        raise LabError(f"these processes of the lab do not end: {names}; kill them, then: chaos lab purge")
    return bool(stopped or state or gone)


def _state(folder: Path) -> LabState | None:
    try:
        return read(folder)
    except LabError:
        return None  # broken beyond use: the marks tell what there is


def _stop_all(folder: Path, state: LabState | None) -> int:
    known = [process for one in (state.processes.values() if state else ()) if (process := found(one))]
    stopped = stop({*known, *marked(folder)})
    if state:
        free_shared_memory(Path(state.data))
    return stopped


def _remove(folder: Path, state: LabState | None, keep_logs: bool) -> bool:
    if not folder.is_dir():
        return False
    gone = [path for path in folder.iterdir() if not (keep_logs and path.name == "logs")]
    outside = [Path(state.data)] if state and folder not in Path(state.data).parents else []
    try:
        for path in sorted((*gone, *outside), key=lambda path: path.name == "lab.json"):  # the state goes last
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise LabError(f"cannot remove {error.filename}: {error.strerror}; remove it, then: chaos lab purge") from error
    return any(path.name != "logs" for path in gone)
