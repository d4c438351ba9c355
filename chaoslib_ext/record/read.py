"""Reading a record back: its events, whether their chain holds, and whether its journal is what they amount to."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chaoslib_ext.errors import RecordBroken
from chaoslib_ext.whole_file import read_up_to

from .encode import dumps
from .events import FIRST, SCHEMA, fingerprint
from .journal import journal_of, journal_text
from .record import EVENTS, JOURNAL, SEAL

__all__ = ["State", "Verification", "events", "verify"]

_NAMED = re.compile(r"\d{8}T\d{6}Z-.+")
"""How `record.Record` names a record's folder."""

State = Literal["ok", "open", "broken"]


@dataclass(frozen=True)
class Verification:
    """What a look at the chain found.

    `ok`: every line vouches for the one before, the last one seals them, `seal.json` agrees, and `journal.json` is what
    the events amount to. `open`: the chain holds, but nothing says that it is whole (the run goes on, or died and was
    not closed). `broken`: do not trust it.
    """

    state: State
    events: int
    head: str
    problem: str | None = None
    line: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "state": self.state,
            "events": self.events,
            "head": self.head,
            "problem": self.problem,
            "line": self.line,
        }


def events(folder: Path) -> list[dict[str, Any]]:
    """All whole events in order; a torn last line is left out. Raises RecordBroken for anything else that is wrong.

    The chain of hashes is not checked here (`verify` does), only that each line can be used.
    """
    found = []
    for number, line in _lines(folder / EVENTS):
        event = _parsed(line)
        if isinstance(event, str):
            raise RecordBroken(f"{folder / EVENTS} line {number}: {event}; see `chaos journal verify`")
        found.append(event)
    return found


def verify(folder: Path) -> Verification:
    """Check every hash, the seal, the anchor and the journal beside it. Never raises for what the files contain.

    What looks broken is looked at once more where a file of it was written meanwhile.
    """
    for _ in range(_LOOKS):
        before, found = _stamps(folder), _looked_at(folder)
        if found.state != "broken" or _stamps(folder) == before:
            break
    return found


_LOOKS = 5


def _stamps(folder: Path) -> list[tuple[int, int] | None]:
    return [_stamp(folder / name) for name in (EVENTS, SEAL, JOURNAL)]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size


def _looked_at(folder: Path) -> Verification:
    try:
        anchor = _anchor(folder / SEAL)  # first: it is written behind the events for which it vouches
        torn = _torn(folder / EVENTS)
        return _sealed(folder, _chain(folder), anchor, torn)
    except RecordBroken as error:
        return Verification("broken", 0, FIRST, str(error))
    except Exception as error:  # what a stranger wrote into it must not hide the other records
        return Verification("broken", 0, FIRST, f"it cannot be understood: {type(error).__name__}: {error}")


@dataclass
class _Chain:
    count: int = 0
    head: str = FIRST
    first: dict[str, Any] | None = None
    last: dict[str, Any] | None = None
    hashes: tuple[str, ...] = ()
    problem: str | None = None


def _chain(folder: Path) -> _Chain:
    chain = _Chain()
    hashes = []
    for number, line in _lines(folder / EVENTS):
        event = _parsed(line)
        chain.problem = event if isinstance(event, str) else _link(event, number, chain.head) or _spelling(event, line)
        if chain.problem or isinstance(event, str):
            break
        chain.count, chain.head, chain.last = number, event["hash"], event
        chain.first = chain.first or event
        hashes.append(chain.head)
    chain.hashes = tuple(hashes)
    return chain


def _link(event: dict[str, Any], number: int, head: str) -> str | None:
    if event["seq"] != number:
        return f"event number {event['seq']} stands where {number} should: a line was taken out or put in"
    if event["prev"] != head:
        return "it does not follow from the line before: one of the two was changed"
    if event["hash"] != fingerprint(event):
        return "its hash does not fit what it says: it was changed"
    return None


def _spelling(event: dict[str, Any], line: bytes) -> str | None:
    """The hash is over what a line says; blanks, line ends and keys given twice do not show in it."""
    if dumps(event).encode() != line:
        return "it is not spelled as it was written (a key twice, blanks or line ends): it was changed"
    return None


def _sealed(folder: Path, chain: _Chain, anchor: dict[str, Any] | str | None, torn: int) -> Verification:
    if chain.problem:
        return Verification("broken", chain.count, chain.head, chain.problem, chain.count + 1)
    if foreign := _of_another_run(folder, chain.first):
        return Verification("broken", chain.count, chain.head, foreign, 1)
    if isinstance(anchor, str):
        return Verification("broken", chain.count, chain.head, anchor)
    if anchor is not None and not _holds(anchor, chain):
        problem = (
            f"seal.json vouches for {anchor.get('count')} events, and they are not there: the log was cut or rewritten"
        )
        return Verification("broken", chain.count, chain.head, problem, chain.count + 1)
    if torn:
        problem = f"the last line is torn ({torn} bytes): its writer died; it is cut when somebody writes on"
        return Verification("open", chain.count, chain.head, problem, chain.count + 1)
    return _whole(folder, chain, anchor)


def _of_another_run(folder: Path, first: dict[str, Any] | None) -> str | None:
    """Do the events say that they lie in another folder? One outside of a journal may have got any name."""
    name = folder.absolute().name
    said = first["data"].get("folder", first["data"].get("run")) if first else None
    is_in_a_journal = folder.absolute().parent.name == "runs" or _NAMED.fullmatch(name)
    if not isinstance(said, str) or not is_in_a_journal or name == said or name.endswith(f"-{said}"):
        return None
    return f"it is the record of {said}, and lies in the folder of another run: it was copied here"


def _whole(folder: Path, chain: _Chain, anchor: dict[str, Any] | None) -> Verification:
    last = chain.last
    if last is None:
        early = "no event yet: its run begins this moment, or its process died before the first one"
        return Verification("open", 0, chain.head, early)
    if last["kind"] != "record.sealed":
        return Verification("open", chain.count, chain.head, "not sealed: the run goes on, or was never closed")
    if last["data"] != {"head": last["prev"], "count": chain.count - 1}:
        return Verification("broken", chain.count, chain.head, "the seal speaks of other events", chain.count)
    if anchor is None:
        return Verification("open", chain.count, chain.head, "sealed, but seal.json is missing: a cut would not show")
    wrong = _journal_problem(folder)
    return Verification("broken" if wrong else "ok", chain.count, chain.head, wrong)


def _journal_problem(folder: Path) -> str | None:
    try:
        kept = read_up_to(folder / JOURNAL)
    except FileNotFoundError:
        return f"{JOURNAL} is missing; its events are whole"
    except OSError as error:
        return f"{JOURNAL} cannot be read: {error.strerror or error}; its events are whole"
    if kept != journal_text(journal_of(events(folder))).encode():
        return f"{JOURNAL} differs from the events: it was changed; the events are whole"
    return None


def _holds(anchor: dict[str, Any], chain: _Chain) -> bool:
    count = anchor.get("count")
    if not isinstance(count, int) or not 1 <= count <= chain.count:
        return False
    return chain.hashes[count - 1] == anchor.get("head")


def _anchor(path: Path) -> dict[str, Any] | str | None:
    try:
        anchor = json.loads(read_up_to(path).decode())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        return f"seal.json cannot be read: {error}"
    return anchor if isinstance(anchor, dict) else "seal.json is not a seal"


def _content(path: Path) -> bytes:
    try:
        return read_up_to(path)
    except OSError as error:
        raise RecordBroken(f"cannot read {path}: {error.strerror or error}") from error


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    whole = _content(path).split(b"\n")[:-1]
    yield from enumerate(whole, start=1)


def _torn(path: Path) -> int:
    content = _content(path)
    return len(content) - (content.rfind(b"\n") + 1)


_FIELDS = {"schema_version": int, "seq": int, "time": str, "kind": str, "data": dict, "prev": str, "hash": str}


def _parsed(line: bytes) -> dict[str, Any] | str:
    """The event, or what is wrong with the line."""
    try:
        event = json.loads(line)
        dumps(event).encode()  # NaN and lone surrogates can be read, but nobody can write or print them
    except (ValueError, RecursionError) as error:
        return f"no JSON: {str(error).encode('ascii', 'backslashreplace').decode()}"
    if not isinstance(event, dict) or any(not isinstance(event.get(name), kind) for name, kind in _FIELDS.items()):
        return "no event: a field is missing or of another type"
    if event["schema_version"] > SCHEMA:
        return f"written by a newer version (schema {event['schema_version']}); pip install -U chaostoolkit-ext"
    return event
