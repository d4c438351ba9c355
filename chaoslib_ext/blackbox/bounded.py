"""A question that ends: what has not answered when its time is over is left behind, in a thread that ends by itself.

Limits of sockets alone do not do: a server that sends one byte a second keeps each of them, and the look-up of a name
knows none at all.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import NoAnswer

__all__ = ["bounded"]

T = TypeVar("T")

_TICK = 0.1  # the host ends a background activity by an exception that comes between two steps, not during a wait


def bounded(
    ask: Callable[[], T],
    seconds: float,
    late: str,
    *,
    give_up: Callable[[], None] = lambda: None,
    clock: Clock = SYSTEM,
) -> T:
    """What `ask` gives or raises. Raises NoAnswer(`late`) when it takes longer than that many seconds.

    `give_up` then cuts what it waits for (and also when the run is ended meanwhile), so that nothing stays open.
    """
    asked: Future[T] = Future()
    until = clock.monotonic() + seconds
    try:
        threading.Thread(target=_answer, args=(ask, asked), name="probe", daemon=True).start()
        while not asked.done() and (left := until - clock.monotonic()) > 0:
            wait([asked], min(left, _TICK))
    except BaseException:
        give_up()
        raise
    if not asked.done():
        give_up()
        raise NoAnswer(late)
    return asked.result()


def _answer(ask: Callable[[], T], asked: "Future[T]") -> None:
    try:
        asked.set_result(ask())
    except BaseException as error:
        asked.set_exception(error)
