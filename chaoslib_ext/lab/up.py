"""Bringing the lab up: clean what a crash left, then start every part and put every link in place; all or nothing."""

from collections.abc import Callable
from pathlib import Path

from chaoslib_ext.clock import SYSTEM, Clock, new_id

from . import binaries
from .cleaning import clean
from .lock import changing
from .making import make_whole
from .ports import Ports
from .postgres import data_folder
from .starting import Starter
from .state import Book, LabState, lab_dir
from .status import LabStatus, status

__all__ = ["up"]


def up(say: Callable[[str], None] = lambda _: None, clock: Clock = SYSTEM) -> LabStatus:
    """Bring the lab up and return how it stands; one that is whole already is left as it is.

    Whatever goes wrong, Ctrl-C included, nothing of it stays running. Raises LabError, BadInput or ProxyError.
    """
    folder, ports = lab_dir(), Ports()
    with changing(folder, say):
        before = status(folder)
        if before.state == "up":
            say("The lab is up already.")
            return before
        if clean(folder):
            say("Cleaned up after a lab that was not whole.")
        binaries.need_packages()
        try:
            make_whole(_starter(folder, ports, say, clock))
        except BaseException as error:
            clean(folder, keep_logs=isinstance(error, Exception))  # who stopped it themselves need no logs
            raise
        return status(folder)


def _starter(folder: Path, ports: Ports, say: Callable[[str], None], clock: Clock) -> Starter:
    state = LabState(started=clock.wall(), secret=new_id(32), data=str(data_folder(folder)))
    return Starter(Book(state, folder), ports, clock, say)
