"""Everything that can go wrong, as one family.

A message says what happened, on what, and what to do now; all of it stands in the message, because the host
drops everything else (notes, causes) on the way to the journal.

    ExtError
    ├── BadInput                 a person's mistake: refused before anything is touched
    │   ├── UnknownTarget        no proxy, link or run of that name (with the near ones)
    │   ├── BadAttribute         a toxic or fault setting that does not exist or is out of range
    │   └── BadFile              an experiment, config or settings file that cannot be used
    ├── ProxyError               what a Toxiproxy server did or did not do
    │   ├── NoServer             none is known, none answers
    │   ├── ProxyUnreachable     it was known, but does not answer (in time)
    │   │   └── ServerGone       its port refuses connections: the process, and all it held in memory, is gone
    │   ├── ProxyNotFound        404 for a proxy
    │   ├── ToxicNotFound        404 for a toxic
    │   ├── ProxyExists          409 for a proxy
    │   ├── ToxicExists          409 for a toxic
    │   ├── ProxyRefused         400: the server did not like the request
    │   └── ProxyFailed          5xx, or an answer that is not Toxiproxy's
    ├── FaultError               between the guard and the measurement
    │   ├── GuardRefused         it may not run
    │   ├── FaultNotConfirmed    applied, but reading back shows something else
    │   └── FaultDidNotBite      confirmed, but the link does not show it
    ├── UndoError                the way back
    │   ├── UndoNotDurable       the undo record could not be written: no fault without it
    │   ├── UndoTooNew           a record of a newer schema, left alone
    │   ├── UndoFailed           tried, and the target still shows the fault
    │   ├── UndoGivenUp          tried once, and must not be tried again: the rest is a person's
    │   └── WatchdogMissing      no second process stands ready to undo
    ├── RecordError              the journal
    │   ├── RecordNotWritable    no place, no right, no space
    │   ├── RecordNotFound       no record of that id
    │   └── RecordBroken         the chain of events does not hold
    ├── ProbeError               what was asked could not be measured
    │   └── NoAnswer             the system that was asked did not answer
    ├── SelftestError            `chaos selftest` could not be carried out, so it proves nothing
    └── LabError                 the lab could not be brought up, down or repaired
"""

from collections.abc import Iterable
from difflib import get_close_matches

from chaoslib_ext.clean_text import Lines, lines

__all__ = [
    "BadAttribute",
    "BadFile",
    "BadInput",
    "ExtError",
    "FaultDidNotBite",
    "FaultError",
    "FaultNotConfirmed",
    "GuardRefused",
    "LabError",
    "NoAnswer",
    "NoServer",
    "ProbeError",
    "ProxyError",
    "ProxyExists",
    "ProxyFailed",
    "ProxyNotFound",
    "ProxyRefused",
    "ProxyUnreachable",
    "RecordBroken",
    "RecordError",
    "RecordNotFound",
    "RecordNotWritable",
    "SelftestError",
    "ServerGone",
    "ToxicExists",
    "ToxicNotFound",
    "UndoError",
    "UndoFailed",
    "UndoGivenUp",
    "UndoNotDurable",
    "UndoTooNew",
    "UnknownTarget",
    "WatchdogMissing",
    "did_you_mean",
]


class ExtError(Exception):
    """The root: catch this to catch all of ours, and nothing else.

    What a message quotes of others (a name, an answer, a file) can make no line of its own: the message is one line,
    and each of `more` is one below it.
    """

    def __init__(self, message: object = "", *, more: Iterable[str] = ()) -> None:
        super().__init__(lines(message if isinstance(message, Lines) else str(message), *more))

    def __str__(self) -> str:
        said: Lines = self.args[0]
        return said


class BadInput(ExtError):
    """A person's mistake; nothing was touched."""


class UnknownTarget(BadInput):
    """No proxy, link or run of that name."""


class BadAttribute(BadInput):
    """A setting that does not exist, or is out of range."""


class BadFile(BadInput):
    """A file that cannot be read or used."""


class ProxyError(ExtError):
    """What a Toxiproxy server did or did not do."""


class NoServer(ProxyError):
    """No Toxiproxy server is known and none answers; start one with `chaos proxy serve` or `chaos lab up`."""


class ProxyUnreachable(ProxyError):
    """A known server does not answer, or not in time."""


class ServerGone(ProxyUnreachable):
    """A known server's port refuses connections: start it again; its proxies and toxics are gone with it."""


class ProxyNotFound(ProxyError):
    """The server has no proxy of that name."""


class ToxicNotFound(ProxyError):
    """The proxy has no toxic of that name."""


class ProxyExists(ProxyError):
    """The server has a proxy of that name already."""


class ToxicExists(ProxyError):
    """The proxy has a toxic of that name already."""


class ProxyRefused(ProxyError):
    """The server refused the request as bad (400)."""


class ProxyFailed(ProxyError):
    """The server failed (5xx), or what answers is not a Toxiproxy."""


class FaultError(ExtError):
    """A fault that did not go in as it should."""


class GuardRefused(FaultError):
    """The fault may not run; the message names the rule."""


class FaultNotConfirmed(FaultError):
    """The fault was applied, but the target read back shows something else; it was undone."""


class FaultDidNotBite(FaultError):
    """The fault was confirmed, but the link measured shows no effect; it was undone."""


class UndoError(ExtError):
    """The way back is not open."""


class UndoNotDurable(UndoError):
    """The undo record could not be written, so the fault was not injected."""


class UndoTooNew(UndoError):
    """An undo record of a newer schema; the message holds the command to type."""


class UndoFailed(UndoError):
    """Undo was tried and the target still shows the fault; the message holds the commands to type."""


class UndoGivenUp(UndoError):
    """What was tried must not be tried again (a rollback of the experiment's own failed); the rest is a person's."""


class WatchdogMissing(UndoError):
    """The second process that undoes after a kill -9 could not be started, so the fault was not injected."""


class RecordError(ExtError):
    """The journal cannot be written, found or trusted."""


class RecordNotWritable(RecordError):
    """No place, no right or no space for the record."""


class RecordNotFound(RecordError):
    """No record of that id, or more than one."""


class RecordBroken(RecordError):
    """The chain of events does not hold."""


class ProbeError(ExtError):
    """What was asked could not be measured."""


class NoAnswer(ProbeError):
    """The system that was asked did not answer; the message says why."""


class SelftestError(ExtError):
    """`chaos selftest` could not be carried out here, so it proves nothing."""


class LabError(ExtError):
    """The lab could not be brought up, down or repaired."""


def did_you_mean(wrong: str, known: Iterable[str], *, most: int = 8) -> str:
    """What to put right behind a wrong name: `; did you mean a? (known: a, b, ...)`, or ` (known: a, b, ...)`.

    The first when a known name is near, the second when none is. It brings its own separator; the sentence may go on.
    """
    names = sorted(known)
    if not names:
        return " (none is known)"
    near = get_close_matches(wrong, names, n=1, cutoff=0.6)
    shown = ", ".join(names[:most]) + (", ..." if len(names) > most else "")
    return (f"; did you mean {near[0]}?" if near else "") + f" (known: {shown})"
