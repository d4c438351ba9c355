"""A record as something to tell: who asked what, what was done to what, what was seen, and how it ended.

Made from the events alone, so it also speaks of runs that died. Times are the events' own texts (ISO 8601 with zone).
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import RecordBroken
from chaoslib_ext.model import Verdict

from .faults import Fault, faults_of
from .phrases import not_undone, reason
from .read import State, events, verify
from .rebuild import died_unfinished, journal_of
from .recovery import recovery_of

__all__ = ["Fault", "Phase", "Sample", "Step", "Story", "read", "sample_of", "seconds_between", "step_of", "tell"]


@dataclass(frozen=True)
class Sample:
    """One probe of the steady state, taken once."""

    name: str
    value: Any
    tolerance: Any
    met: bool | None
    status: str
    seconds: float
    start: str = ""
    why: str | None = None


@dataclass(frozen=True)
class Phase:
    """The steady state at one time: `before`, `during` or `after` the method. `met` None: nobody came to say."""

    when: str
    met: bool | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Step:
    """One activity of the method or the rollbacks."""

    where: str
    name: str
    type: str
    status: str
    start: str
    seconds: float
    output: Any
    why: str | None = None


@dataclass(frozen=True)
class Story:
    """One run. `verdict` is None while it goes on, while its record is not closed, and where that is broken.

    `is_dead`: its process is known to be gone; who can look (the command line) sets it, the events cannot tell.
    """

    id: str
    folder: Path
    title: str
    state: State
    problem: str | None
    head: str
    events: int
    verdict: Verdict | None
    reasons: tuple[str, ...]
    started: str
    ended: str | None
    seconds: float
    hypothesis: str | None
    about: dict[str, Any]
    experiment: dict[str, Any]
    phases: tuple[Phase, ...] = ()
    steps: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()
    undone: tuple[dict[str, Any], ...] = ()
    recovery: dict[str, Any] | None = None
    notes: tuple[str, ...] = field(default=())
    is_dead: bool = False
    refused: bool = False

    def phase(self, when: str) -> Phase | None:
        """The last one of that name."""
        return next((phase for phase in reversed(self.phases) if phase.when == when), None)

    @property
    def is_measured(self) -> bool | None:
        """Was every fault measured on its link? None: there was none."""
        return all(fault.is_measured for fault in self.faults) if self.faults else None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        told = {**asdict(self), "folder": str(self.folder), "verdict": str(self.verdict) if self.verdict else None}
        return {**told, "faults": [fault.as_json() for fault in self.faults], "measured": self.is_measured}


def read(folder: Path) -> Story:
    """The story of the record in that folder. Raises RecordBroken when its events cannot be read, or make none."""
    found = events(folder)
    try:
        return tell(folder, found)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise RecordBroken(
            f"the events of {folder} do not fit together ({type(error).__name__}: {error}); see `chaos journal verify`"
        ) from error


def tell(folder: Path, found: list[dict[str, Any]]) -> Story:
    """The story that these events amount to."""
    journal, checked = journal_of(found), verify(folder)
    finished, is_broken = _last(found, "run.finished"), checked.state == "broken"
    return Story(
        id=folder.name.rsplit("-", 1)[-1],
        folder=folder,
        title=one_line(str(journal["experiment"].get("title", ""))),
        state=checked.state,
        problem=checked.problem,
        head=checked.head,
        events=checked.events,
        verdict=None if is_broken else _verdict(found, finished),
        reasons=(f"the record is broken: {checked.problem}",) if is_broken else _reasons(found, finished),
        started=str(journal["start"] or (found[0]["time"] if found else "")),
        ended=journal["end"] if finished or died_unfinished(found) else None,
        seconds=float(journal["duration"] or 0.0),
        hypothesis=(journal["experiment"].get("steady-state-hypothesis") or {}).get("title"),
        about=_about(found),
        experiment=journal["experiment"],
        phases=tuple(_phases(journal)),
        steps=tuple(_steps(journal)),
        faults=tuple(faults_of(found)),
        undone=tuple(_undone(found)),
        recovery=recovery_of(found),
        notes=tuple(_notes(found)),
        refused=bool(finished.get("refused")),
    )


def _last(found: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    data: dict[str, Any] = next((event["data"] for event in reversed(found) if event["kind"] == kind), {})
    return data


def _about(found: list[dict[str, Any]]) -> dict[str, Any]:
    told = {name: value for name, value in _last(found, "run.started").items() if name != "journal"}
    return {**told, "server": _last(found, "server.found") or None}


def _verdict(found: list[dict[str, Any]], finished: dict[str, Any]) -> Verdict | None:
    if _open_failures(found):
        return Verdict.UNDO_FAILED
    if finished.get("verdict"):
        return Verdict(finished["verdict"])
    return Verdict.INTERRUPTED if died_unfinished(found) else None


def _open_failures(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Undos whose last word is that they failed, or were not verified."""
    undone = ("fault.undone", "fault.undo_failed", "lock.released")
    last = {event["data"].get("id"): event["data"] for event in found if event["kind"] in undone}
    again = {event["data"].get("id"): event["data"] for event in found if event["kind"] == "fault.remeasured"}
    told = [{**data, **again.get(id, {})} for id, data in last.items()]
    return [data for data in told if data.get("status") == "failed" or not data.get("verified") or _shows_it(data)]


def _shows_it(undone: dict[str, Any]) -> bool:
    """Undone and read back, but measured again the link still shows the fault."""
    return undone.get("measured") is False


def _reasons(found: list[dict[str, Any]], finished: dict[str, Any]) -> tuple[str, ...]:
    said = [
        not_undone(
            data.get("says"), "the link still shows it" if _shows_it(data) else data.get("error"), data.get("by_hand")
        )
        for data in _open_failures(found)
    ]
    if died_unfinished(found):
        said.append("its process was killed or died")
    return tuple(dict.fromkeys([*said, *finished.get("reasons", [])]))


def _phases(journal: dict[str, Any]) -> list[Phase]:
    states = journal["steady_states"]
    told = [
        ("before", states["before"]),
        *(("during", state) for state in states["during"]),
        ("after", states["after"]),
    ]
    return [
        Phase(when, state["steady_state_met"], tuple(sample_of(probe) for probe in state["probes"]))
        for when, state in told
        if state
    ]


def sample_of(probe: dict[str, Any]) -> Sample:
    """The sample that a probe of the host's journal tells of."""
    activity = probe["activity"]
    return Sample(
        name=str(activity.get("name")),
        value=probe.get("output"),
        tolerance=activity.get("tolerance"),
        met=probe.get("tolerance_met"),
        status=str(probe.get("status")),
        seconds=float(probe.get("duration") or 0.0),
        start=str(probe.get("start")),
        why=reason(probe),
    )


def _steps(journal: dict[str, Any]) -> list[Step]:
    parts = (("method", journal["run"]), ("rollbacks", journal["rollbacks"]))
    return [step_of(where, run) for where, runs in parts for run in runs]


def step_of(where: str, run: dict[str, Any]) -> Step:
    """The step that a run of the host's journal tells of."""
    return Step(
        where=where,
        name=str(run["activity"].get("name") or run["activity"].get("ref")),
        type=str(run["activity"].get("type", "")),
        status=str(run.get("status")),
        start=str(run.get("start")),
        seconds=float(run.get("duration") or 0.0),
        output=run.get("output"),
        why=reason(run),
    )


def _undone(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    again = {event["data"].get("id"): event["data"] for event in found if event["kind"] == "fault.remeasured"}
    undone = [event for event in found if event["kind"].startswith("fault.undo")]
    return [{**event["data"], "at": event["time"], **again.get(event["data"].get("id"), {})} for event in undone]


def _notes(found: list[dict[str, Any]]) -> list[str]:
    said = []
    for event in found:
        if event["kind"] == "record.repaired":
            said.append(f"a half-written last line ({event['data'].get('cut_bytes')} bytes) was cut at {event['time']}")
        elif event["kind"] in ("fault.vanished", "fault.overstayed"):
            said.append(f"{event['data'].get('says')}, seen at {event['time']}")
        elif event["kind"] in ("guard.tripped", "control.failed", "watchdog.replaced"):
            said.append(f"{event['data'].get('says')}, at {event['time']}")
        elif event["kind"] == "lease.lapsed":
            says = event["data"].get("says") or f"it gave no sign of life for {event['data'].get('seconds')} s"
            said.append(f"{says}, seen at {event['time']}")
        elif event["kind"] == "signal":
            said.append(f"{', '.join(event['data'].get('names', []))} at {event['time']}")
    return said


def seconds_between(start: str, end: str) -> float:
    """Seconds from one event's time to another's; 0.0 when either cannot be read."""
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
