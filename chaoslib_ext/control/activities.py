"""Which activity an event of the host speaks of: the host names them by object and thread, a record by number."""

import threading
from typing import Any

__all__ = ["Activities"]


class Activities:
    """Numbers activities in the order they start, and knows in which part of the run they stand. Thread-safe."""

    def __init__(self) -> None:
        self.phase = "before"
        self._lock = threading.Lock()
        self._count = 0
        self._open: dict[int, list[tuple[int, str]]] = {}  # by thread: an activity starts and ends on the same one
        self._numbers: dict[int, int] = {}  # by id of the host's run, which the host's journal keeps alive
        self._during: int | None = None

    def enter(self, phase: str) -> None:
        """The run's own thread is now in `before`, `method`, `after` or `rollbacks`."""
        self.phase = phase

    def during_here(self) -> None:
        """The calling thread is the one that samples the steady state during the method."""
        self._during = threading.get_ident()

    @property
    def in_background(self) -> bool:
        """Is an activity under way in a thread for which the host would wait before it undoes anything?"""
        main = threading.main_thread().ident
        with self._lock:
            return any(open and thread not in (main, self._during) for thread, open in self._open.items())

    def begin(self) -> tuple[int, str]:
        """Number and place of an activity that starts in this thread."""
        thread = threading.get_ident()
        with self._lock:
            self._count += 1
            found = (self._count, "during" if thread == self._during else self.phase)
            self._open.setdefault(thread, []).append(found)
        return found

    def end(self, run: dict[str, Any]) -> tuple[int, str]:
        """Number and place of the one that ended in this thread; `run` is the host's own dictionary."""
        with self._lock:
            stack = self._open.get(threading.get_ident()) or [(0, self.phase)]
            found = stack.pop()
            self._numbers[id(run)] = found[0]
        return found

    def state(self, state: dict[str, Any] | None) -> dict[str, Any]:
        """The host's hypothesis state, its probes by number: their outputs are in the record already."""
        probes = [
            {
                "n": self._numbers.get(id(run), 0),
                "name": run["activity"].get("name"),
                "tolerance_met": run.get("tolerance_met"),
            }
            for run in (state or {}).get("probes", [])
        ]
        return {"steady_state_met": (state or {}).get("steady_state_met"), "probes": probes}
