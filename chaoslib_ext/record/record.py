"""One run's record: a folder with `events.jsonl` (the truth) and, made from it, `journal.json` (the host's form).

`<runs>/<UTC time>-<slug>-<id>/`, 0700, its files 0600: what activities returned may hold more than we know to hide.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.clock import SYSTEM, Clock, new_id
from chaoslib_ext.durable import half_written, sync_folder
from chaoslib_ext.errors import BadInput, ExtError, RecordBroken, RecordNotWritable
from chaoslib_ext.folders import journal_dir, runs_dir
from chaoslib_ext.whole_file import read_up_to

from .begun import ask, made
from .encode import dumps
from .events import DISK, WITHIN, EventLog
from .files import move, not_writable, write_atomically
from .redact import Redactor

__all__ = ["EVENTS", "JOURNAL", "SEAL", "Record", "finish_seal"]

EVENTS = "events.jsonl"
JOURNAL = "journal.json"
SEAL = "seal.json"
_SEALED_WITHIN = 5.0  # seconds that its disk may take to begin or to seal a record
NEXT = "seal.next.json"
"""What SEAL will be once the seal is written."""


class Record:
    """An open record. Safe for several threads, and for the runner and the watchdog at once."""

    def __init__(
        self, folder: Path, *, redactor: Redactor | None = None, clock: Clock = SYSTEM, within: float = WITHIN
    ) -> None:
        self.folder = folder
        self.id = folder.name.rsplit("-", 1)[-1]
        self.redactor = redactor or Redactor()
        self.watch: Callable[[dict[str, Any]], None] = lambda event: None
        self.is_lenient = False
        self.lost: list[str] = []
        self._within = within
        self._log = EventLog(folder / EVENTS, hide=self.redactor.hidden, clock=clock, within=within)

    @classmethod
    def create(
        cls,
        title: str,
        run_id: str | None = None,
        *,
        secrets: Any = None,
        owner: dict[str, Any] | None = None,
        clock: Clock = SYSTEM,
    ) -> "Record":
        """Make the folder and its first event; `secrets` (resolved) are hidden in all that is written.

        `owner` tells the process whose run it is (pid, create_time, boot_id, host), so that others see when it is dead.
        Raises RecordNotWritable or BadInput: then no run may begin.
        """
        redactor = Redactor()
        redactor.learn(secrets)
        title = one_line(redactor.text(title))
        name = f"{clock.wall().strftime('%Y%m%dT%H%M%SZ')}-{_slug(title)}-{run_id or new_id()}"
        try:
            folder = DISK.do(lambda: _made(name, title), _SEALED_WITHIN)
        except OSError as error:
            raise not_writable(journal_dir() / "runs" / name, error) from error
        record = cls(folder, redactor=redactor, clock=clock)
        record.append("record.opened", {"run": record.id, "folder": folder.name, "title": title, **(owner or {})})
        with suppress(OSError):  # then its place among the others is told by its name
            DISK.do(lambda: made(folder), _SEALED_WITHIN)
        return record

    @classmethod
    def open(
        cls, folder: Path, *, redactor: Redactor | None = None, clock: Clock = SYSTEM, within: float = WITHIN
    ) -> "Record":
        """Go on with a record that exists; `within`: seconds that its disk may take for a line.

        Raises RecordBroken when there is none in that folder.
        """
        if not (folder / EVENTS).is_file():
            raise RecordBroken(f"{folder} holds no {EVENTS}, so it is no record; see `chaos journal list`")
        return cls(folder, redactor=redactor, clock=clock, within=within)

    def append(self, kind: str, data: dict[str, Any], actor: str = "runner") -> dict[str, Any]:
        """Write one event, secrets hidden, and return it once it is on the disk.

        Raises RecordNotWritable or RecordBroken; a lenient record (on the way back, where undoing matters more than
        writing) keeps the message in `lost` instead and returns an event with seq 0. Raises RecordError once the run
        is finished: a thread that comes too late.
        """
        return self._append(kind, data, actor)

    def finish(self, data: dict[str, Any]) -> dict[str, Any]:
        """Write `run.finished`, after which only the seal may follow. Raises as `append`."""
        return self._append("run.finished", data, "runner", is_last=True)

    @property
    def is_finished(self) -> bool:
        """Was `run.finished` written here?"""
        return self._log.is_over

    def _append(self, kind: str, data: dict[str, Any], actor: str, *, is_last: bool = False) -> dict[str, Any]:
        try:
            event = self._log.append(kind, data, actor, is_last=is_last)
        except (RecordNotWritable, RecordBroken) as error:
            if not self.is_lenient:
                raise
            self.lost.append(str(error))
            event = {"seq": 0, "kind": kind, "actor": actor, "data": data}
        self.watch(event)
        return event

    def seal(
        self, actor: str = "runner", first: Callable[[dict[str, Any]], object] = lambda event: None
    ) -> dict[str, Any] | None:
        """Close the chain: a last event with head and count, and `seal.json` that outlives a cut of the log. `first` is
        called with that event just before it is written, while no other process can add one.

        None when events were lost: such a record stays open, for it is not whole. Appending after a seal opens the
        record again until it is sealed anew.
        """
        if self.lost:
            return None
        try:
            event = DISK.do(lambda: self._sealed(actor, first), max(_SEALED_WITHIN, self._within))
        except (ExtError, TimeoutError) as caught:
            error = caught if isinstance(caught, ExtError) else not_writable(self.folder, caught)
            if not self.is_lenient:
                raise error from caught
            self.lost.append(str(error))
            return None
        self.watch(event)
        return event

    def _sealed(self, actor: str, first: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        def prepare(event: dict[str, Any]) -> None:
            first(event)
            self._announce(event)

        self._sweep()
        event = self._log.seal(actor, prepare)
        move(self.folder / NEXT, self.folder / SEAL)
        return event

    def _sweep(self) -> None:
        """Remove what others, killed while they wrote, left here: a run is sealed by the last of them."""
        try:
            for path in (self.folder / JOURNAL, self.folder / NEXT):
                for rest in half_written(path):
                    rest.unlink(missing_ok=True)
        except OSError as error:
            raise not_writable(self.folder, error) from error

    def _announce(self, event: dict[str, Any]) -> None:
        """What will vouch for the seal, before the seal: whose writer dies between the two is proved not to be cut."""
        anchor = {"schema_version": 1, "head": event["hash"], "count": event["seq"], "time": event["time"]}
        write_atomically(self.folder / NEXT, dumps(anchor, indent=2) + "\n")

    def close(self) -> None:
        """Give the file back."""
        self._log.close()


def finish_seal(folder: Path, last: dict[str, Any]) -> bool:
    """Put the file that vouches for a sealed record in its place, where its writer died before it could: only if it was
    written for this very seal, the `last` event. Raises RecordNotWritable.
    """
    try:
        anchor = json.loads(read_up_to(folder / NEXT))
    except (OSError, ValueError):
        return False
    fits = isinstance(anchor, dict) and (anchor.get("head"), anchor.get("count")) == (last["hash"], last["seq"])
    if last["kind"] != "record.sealed" or not fits:
        return False
    move(folder / NEXT, folder / SEAL)
    return True


def _made(name: str, title: str) -> Path:
    with suppress(OSError, BadInput):  # what keeps the record from being made is said below
        ask(title)
    runs = runs_dir()
    folder = runs / name
    folder.mkdir(mode=0o700)
    sync_folder(runs)
    return folder


def _slug(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:48].rstrip("-") or "run"
