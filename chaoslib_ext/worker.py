"""Calls with a limit: a thread of its own does them, so that a disk or a server that hangs holds up nothing else.

A write to a hung disk cannot be interrupted, not even by a signal. The thread that waits for such a write must not be
the thread that undoes, nor the main thread, which hears signals.
"""

import errno
import math
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, Generic, TypeVar, cast
from weakref import WeakSet

__all__ = ["Call", "Worker"]

T = TypeVar("T")

_SLICE = 0.1
"""Seconds that a signal may have to wait for the thread that waits for a call."""


class Call(Generic[T]):
    """One call that was handed to a worker."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.is_late = False
        """True if its caller has waited for as long as the call may take."""
        self.is_dropped = False
        """True if it is not to be begun any more."""
        self._function, self._context = function, copy_context()
        self._error: BaseException | None = None
        self._result: Any = None
        self._running = threading.Lock()
        self._running.acquire()

    def run(self) -> None:
        """Do it, in the calling thread."""
        try:
            if not self.is_dropped:
                self._result = self._context.run(self._function)
        except BaseException as error:
            self._error = error
        finally:
            self._running.release()

    def wait(self, within: float | None = None) -> bool:
        """True once it is done, False after so many seconds (None: no limit). Signals are heard meanwhile.

        In slices: a signal that comes while the handler of another runs wakes no thread up, so Python runs its handler
        only when the wait returns.
        """
        left = math.inf if within is None else max(within, 0.0)
        while not self._running.acquire(timeout=min(left, _SLICE)):
            left -= _SLICE
            if left <= 0:
                return False
        self._running.release()
        return True

    def outcome(self) -> T:
        """What it gave; raises what it raised."""
        if self._error is not None:
            raise self._error
        return cast(T, self._result)


class Worker:
    """One thread that does calls in the order they come. Started by the first call, or before, by `start`.

    A process that cannot have the thread (a limit on processes, the end of the interpreter) does its calls by itself.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._starting = threading.Lock()
        self._forget()
        _all.add(self)

    def _forget(self) -> None:
        self._calls: SimpleQueue[Call[Any]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._now: Call[Any] | None = None

    def start(self) -> None:
        """Start the thread, if it is not there. Raises RuntimeError where no thread is to be had."""
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._go_on, name=self.name, daemon=True)
                thread.start()
                self._thread = thread

    @property
    def is_stuck(self) -> bool:
        """True while it is at a call that takes longer than that call may."""
        now = self._now
        return now is not None and now.is_late

    def do(self, function: Callable[[], T], within: float) -> T:
        """What `function` gives or raises. Raises TimeoutError (an OSError) after so many seconds, and at once while
        an earlier call hangs. A call that was begun may still come to its end later.
        """
        if threading.current_thread() is self._thread:
            return function()
        if self.is_stuck:
            raise TimeoutError(errno.ETIMEDOUT, "it does not answer")
        call = self.later(function)
        try:
            if not call.wait(within):
                (self._now or call).is_late = True
                raise TimeoutError(errno.ETIMEDOUT, f"it does not answer within {within:g} s")
        except BaseException:
            call.is_dropped = True
            raise
        return call.outcome()

    def later(self, function: Callable[[], T]) -> Call[T]:
        """Hand it over, and wait for nothing."""
        call = Call(function)
        with suppress(RuntimeError):
            if self._thread is None:
                self.start()
        if self._thread is None:
            call.run()
        else:
            self._calls.put(call)
        return call

    def later_but_wait(self, function: Callable[[], Any], within: float) -> None:
        """Hand it over, and give it so many seconds; none while an earlier call hangs. It stays in its place."""
        is_stuck = self.is_stuck
        call = self.later(function)
        if not is_stuck and threading.current_thread() is not self._thread and not call.wait(within):
            (self._now or call).is_late = True

    def flush(self, within: float | None = None) -> bool:
        """Wait until all that was handed over is done; False after so many seconds."""
        return self.later(lambda: None).wait(within)

    def _go_on(self) -> None:
        # the signals that end a run are for the main thread; a child that is started here must hear the others
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, *_OF_HOST})
        while True:
            self._now = self._calls.get()
            self._now.run()
            self._now = None


_OF_HOST = (signal.SIGUSR1, signal.SIGUSR2)
"""Chaos Toolkit ends a run by these (chaoslib/exit.py)."""

_all: "WeakSet[Worker]" = WeakSet()


def _forget_in_child() -> None:
    for worker in _all:
        worker._starting = threading.Lock()
        worker._forget()


os.register_at_fork(after_in_child=_forget_in_child)
