"""Back to the first minute: dead parts started anew, no toxic, no link down, no order, every weakness back."""

from collections.abc import Callable

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import LabError
from chaoslib_ext.proxy.client import Client

from .features import write
from .lock import changing
from .making import make_whole
from .parts import stores
from .ports import Ports
from .server import server_answers
from .services import renew_pool
from .starting import Starter
from .state import Book, lab_dir, read
from .status import LabStatus, status

__all__ = ["reset"]


def reset(say: Callable[[str], None] = lambda _: None, clock: Clock = SYSTEM) -> LabStatus:
    """Repair the lab and forget what was done to it and in it. Raises LabError when there is none, or it can't be."""
    folder = lab_dir()
    with changing(folder, say):
        state = read(folder)
        if state is None or state.phase != "up":
            raise LabError("no lab is up, so there is nothing to repair; bring it up with: chaos lab up")
        starter = Starter(Book(state, folder), Ports(), clock, say)
        write(folder, ())
        if server_answers(state):  # first: a service cannot start through a link that is down
            Client(str(state.server)).reset()
        make_whole(starter)
        _clear(starter)
        return status(folder)


def _clear(starter: Starter) -> None:
    state = starter.book.state
    for store in stores(starter.book.folder, state):
        store.clear(state.processes[store.name].port)
    renew_pool(state.processes["orders"].port)
