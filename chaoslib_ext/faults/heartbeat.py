"""The runner's signs of life: a thread of its own that tells the watchdog, four times a lease, that the process runs.

A process that is stopped, or stuck where no thread of it comes to speak, is silent. When it wakes up behind its lease,
its faults are gone: the thread finds that out and says so once. It also sees when the main thread waits in the kernel
for a disk that hangs, and so does not take the signal that should end it.
"""

import logging
import threading
from collections.abc import Callable
from itertools import count

from chaoslib_ext.undo.lease import Lease
from chaoslib_ext.undo.signals import be_deaf, is_waiting

__all__ = ["Heartbeat"]

_TICK = 0.5
_STUCK = 3
"""So many ticks a signal that ends the run has waited when the main thread counts as stuck."""

_logger = logging.getLogger("chaostoolkit")


class Heartbeat:
    """Beats until `stop`. `beat` tells the watchdog; `has_lapsed` asks the undo log; `on_lapse` is called once; so is
    `on_stuck`, when a signal that ends the run waits for the main thread.
    """

    def __init__(
        self,
        lease_s: float,
        beat: Callable[[], None],
        has_lapsed: Callable[[], bool],
        on_lapse: Callable[[], None],
        on_stuck: Callable[[], None] = lambda: None,
    ) -> None:
        self._beat, self._has_lapsed, self._on_lapse, self._on_stuck = beat, has_lapsed, on_lapse, on_stuck
        self._every = Lease(lease_s).beat
        self._over = threading.Event()
        threading.Thread(target=self._go_on, name="sign-of-life", daemon=True).start()

    def stop(self) -> None:
        """The run is over."""
        self._over.set()

    def _go_on(self) -> None:
        be_deaf()
        waiting = 0
        for tick in count(1):
            if self._over.wait(_TICK):
                return
            waiting = waiting + 1 if is_waiting() else 0
            if waiting == _STUCK:
                self._on_stuck()
            if tick % max(1, int(self._every / _TICK)):
                continue
            self._beat()
            if self._look():
                return

    def _look(self) -> bool:
        try:
            lapsed = self._has_lapsed()
        except Exception as error:  # a log that cannot be read now says nothing; the thread must go on
            _logger.debug("the undo log cannot be read: %s", error)
            return False
        if lapsed and not self._over.is_set():
            self._on_lapse()
        return lapsed
