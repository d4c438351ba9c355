"""The log of events: append-only, durable before it is acknowledged, each line vouching for the one before.

One JSON object a line (`model.Event`): schema_version, seq, time, kind, actor, data, prev, hash. `hash` is SHA-256
over the canonical JSON of the line without `hash`; `prev` is the hash of the line before, 64 zeros for the first.

Two processes may write (the runner and the watchdog): each append locks the file, reads what the other added, and
cuts a last line that a dying process left half-written. It never changes a whole line.
"""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.durable import sync_folder
from chaoslib_ext.errors import RecordBroken, RecordError, RecordNotWritable
from chaoslib_ext.worker import Worker

from .encode import canonical, dumps, plain
from .files import not_writable

__all__ = ["DISK", "FIRST", "SCHEMA", "WITHIN", "EventLog", "fingerprint"]

SCHEMA = 1
FIRST = "0" * 64
"""What the first line has for `prev`."""
_SEALED = "record.sealed"
_MOST_AT_ONCE = 256
_PATIENCE = 2.0  # seconds that another writer may hold the file; it needs milliseconds
WITHIN = 2.5
"""Seconds that a disk may take for a line. A run whose record hangs ends, for its faults must not stay."""

DISK = Worker("record")
"""All that this process reads and writes of records while a fault may be on is done by this thread, with a limit."""


def fingerprint(event: dict[str, Any]) -> str:
    """SHA-256, in hex, over the canonical JSON of the event without its `hash`."""
    return hashlib.sha256(canonical({key: value for key, value in event.items() if key != "hash"})).hexdigest()


@dataclass(eq=False)
class _Waiting:
    """An event on its way to the disk, and what became of it."""

    kind: str
    data: Any
    actor: str
    is_last: bool
    first: Callable[[dict[str, Any]], None] = lambda event: None
    """Called with the event just before it is written."""
    event: dict[str, Any] = field(default_factory=dict)
    error: RecordError | None = None


class EventLog:
    """One `events.jsonl`, open for appending; made if it is missing, mode 0600."""

    def __init__(
        self,
        path: Path,
        *,
        hide: Callable[[Any], Any] = lambda data: data,
        clock: Clock = SYSTEM,
        within: float = WITHIN,
    ) -> None:
        """`hide` replaces secrets in plain data before it is written; `within`: seconds that the disk may take."""
        self.path = path
        self._hide = hide
        self.count = 0
        self.head = FIRST
        self.is_over = False
        self._size = 0
        self._clock = clock
        self._within = within
        self._mutex = threading.RLock()
        self._waiting: list[_Waiting] = []
        try:
            self._file = DISK.do(self._opened, self._within)
        except OSError as error:
            raise not_writable(path, error) from error

    def _opened(self) -> int:
        fresh = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if fresh:
            sync_folder(self.path.parent)
        return file

    def append(
        self, kind: str, data: dict[str, Any], actor: str = "runner", *, is_last: bool = False
    ) -> dict[str, Any]:
        """Write one event and return it once it is on the disk; after the last one only the seal may follow.

        Threads that come while another waits for the disk are written and synced together, by the first of them.
        Raises RecordNotWritable (no space, no right, locked for long), RecordBroken (the log is not ours to go on
        with) and RecordError (too late). After any of them, nothing of this event is in the file.
        """
        return self._added(_Waiting(kind, self._hide(plain(data)), actor, is_last))

    def seal(
        self, actor: str = "runner", first: Callable[[dict[str, Any]], None] = lambda event: None
    ) -> dict[str, Any]:
        """Append the last event: it holds the hash of the one before and how many there are. Raises as `append`.

        `first` is called with it just before it is written.
        """
        return self._added(_Waiting(_SEALED, None, actor, False, first))

    def _added(self, one: "_Waiting") -> dict[str, Any]:
        self._waiting.append(one)
        try:
            DISK.do(lambda: self._written(one), self._within)
        except TimeoutError as error:
            raise not_writable(self.path, error) from error
        finally:
            with suppress(ValueError):  # it is written, or will be by the thread that is at it
                self._waiting.remove(one)
        if one.error is not None:
            raise one.error
        return one.event

    def _written(self, one: "_Waiting") -> None:
        with self.locked():
            if one in self._waiting:  # else it was written with another
                self._write_all(one.actor)

    def _write_all(self, actor: str) -> None:
        """Write and sync all that waits, or nothing of it. What is wrong is told to each whom it concerns."""
        self._catch_up(actor)
        begun = (self.count, self.head, self._size, self.is_over)
        waiting = self._waiting[:_MOST_AT_ONCE]
        lines = [line for one in waiting for line in self._lines(one)]
        try:
            for one in waiting:
                one.first(one.event)
            if lines:
                self._put(b"".join(lines), begun[2])
        except RecordError as error:
            self.count, self.head, self._size, self.is_over = begun
            for one in waiting:
                one.error = one.error or error
        finally:
            for one in waiting:
                with suppress(ValueError):  # whose caller has given up waiting
                    self._waiting.remove(one)

    def _lines(self, one: "_Waiting") -> list[bytes]:
        """The line of one event, chained to those before; none when it comes too late."""
        if one.kind == _SEALED:
            one.data = {"head": self.head, "count": self.count}
        elif self.is_over:
            one.error = RecordError(f"{one.kind} came too late for the record {self.path.parent}: its run is over")
            return []
        self.is_over = self.is_over or one.is_last
        one.event, line = self._chained(one.kind, one.data, one.actor)
        return [line]

    def close(self) -> None:
        """Give the file back; the log may not be used afterwards."""
        with suppress(OSError):  # an activity closed what is not its own, or the disk hangs; nothing of ours is lost
            DISK.do(self._closed, self._within)

    def _closed(self) -> None:
        with self._mutex:
            descriptor, self._file = self._file, -1
            if descriptor >= 0:
                os.close(descriptor)

    def _chained(self, kind: str, data: Any, actor: str) -> tuple[dict[str, Any], bytes]:
        event = {
            "schema_version": SCHEMA,
            "seq": self.count + 1,
            "time": self._clock.wall().isoformat(timespec="microseconds"),
            "kind": kind,
            "actor": actor,
            "data": data,
            "prev": self.head,
        }
        event["hash"] = fingerprint(event)
        line = dumps(event).encode("utf-8") + b"\n"
        self.count, self.head, self._size = event["seq"], event["hash"], self._size + len(line)
        return event, line

    def _put(self, lines: bytes, size: int) -> None:
        try:
            rest = memoryview(lines)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            try:
                os.ftruncate(self._file, size)
            except OSError:
                pass  # the next writer cuts it: a line without its end is no event
            raise not_writable(self.path, error) from error

    def _catch_up(self, actor: str) -> None:
        """Take in what another process has written since; cut a half-written last line, and say so in an event."""
        size = os.fstat(self._file).st_size
        if size == self._size:
            return
        if size < self._size:
            raise RecordBroken(f"{self.path} was cut behind our back ({self._size} bytes, now {size}); start a new run")
        new = os.pread(self._file, size - self._size, self._size)
        whole, torn = new[: new.rfind(b"\n") + 1], new[new.rfind(b"\n") + 1 :]
        if whole:
            self._take(whole)
        if torn:
            before = self._size
            os.ftruncate(self._file, before)
            _, line = self._chained("record.repaired", {"cut_bytes": len(torn), "cut": plain(torn)}, actor)
            self._put(line, before)

    def _take(self, whole: bytes) -> None:
        try:
            last = json.loads(whole.splitlines()[-1])
            self.count, self.head = int(last["seq"]), str(last["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise RecordBroken(
                f"the last line of {self.path} is no event; see `chaos journal verify` and start a new run"
            ) from error
        self._size += len(whole)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other process, and no other thread, adds an event until the block ends. Raises RecordNotWritable."""
        if not self._mutex.acquire(timeout=_PATIENCE):
            raise self._busy()
        try:
            self._lock_file()
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._mutex.release()

    def _lock_file(self) -> None:
        deadline = self._clock.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if self._clock.monotonic() > deadline:
                    raise self._busy() from None
                self._clock.sleep(0.002)
            except OSError as error:
                raise not_writable(self.path, error) from error

    def _busy(self) -> RecordNotWritable:
        return RecordNotWritable(
            f"cannot write the record {self.path}: another process has had its lock for {_PATIENCE:g} s; end that "
            f"process (here `fuser {quote(str(self.path))}` names it, if it is in no other container)"
        )
