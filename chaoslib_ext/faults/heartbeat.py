"""The runner's signs of life: a thread of its own that tells the watchdog, four times a lease, that the process runs.

A process that is stopped, or stuck where no thread of it comes to speak, is silent. When it wakes up behind its lease,
its faults are gone: the thread finds that out and says so once.
"""

import logging
import threading
from collections.abc import Callable

from chaoslib_ext.undo.lease import Lease
from chaoslib_ext.undo.signals import be_deaf

__all__ = ["Heartbeat"]

_logger = logging.getLogger("chaostoolkit")


class Heartbeat:
    """Beats until `stop`. `beat` tells the watchdog; `has_lapsed` asks the undo log; `on_lapse` is called once."""

    def __init__(
        self, lease_s: float, beat: Callable[[], None], has_lapsed: Callable[[], bool], on_lapse: Callable[[], None]
    ) -> None:
        self._beat, self._has_lapsed, self._on_lapse = beat, has_lapsed, on_lapse
        self._every = Lease(lease_s).beat
        self._over = threading.Event()
        threading.Thread(target=self._go_on, name="sign-of-life", daemon=True).start()

    def stop(self) -> None:
        """The run is over."""
        self._over.set()

    def _go_on(self) -> None:
        be_deaf()
        while not self._over.wait(self._every):
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
