"""The host's form of a run, made from its events: a journal that every Chaos Toolkit reader takes, however it ended.

Fields and statuses are those of chaostoolkit-lib 1.44 (`chaoslib/run.py`, `initialize_run_journal`, and
`chaoslib/activity.py`, `execute_activity`). Where a run died, what was running is there too, `failed`, with an end.
"""

from datetime import datetime
from typing import Any

from .encode import dumps
from .faults import faults_of
from .recovery import recovery_of

__all__ = ["EXTENSION", "died_unfinished", "journal_of", "journal_text"]

EXTENSION = "chaostoolkit-ext"
_CUT_SHORT = "the run ended while this was running"
_ABOUT_THE_LOG = ("record.sealed", "record.repaired")


def journal_text(journal: dict[str, Any]) -> str:
    """What stands in `journal.json`, letter for letter."""
    return dumps(journal, indent=2) + "\n"


def journal_of(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The journal that these events amount to; sealed or not makes no difference, so it can be compared later."""
    found = [event for event in found if event["kind"] not in _ABOUT_THE_LOG]
    journal = _blank(found)
    runs = _runs(found)
    for event in found:
        kind, data = event["kind"], event["data"]
        if kind in ("hypothesis.before", "hypothesis.after"):
            journal["steady_states"][kind.removeprefix("hypothesis.")] = _state(data, runs)
        elif kind == "hypothesis.during":
            journal["steady_states"]["during"].append(_state(data, runs))
        elif kind == "run.finished":
            journal.update({name: data[name] for name in ("status", "deviated", "end", "duration") if name in data})
            journal["extensions"] = [_extension(found, data)]
    _place(journal, runs)
    return _closed(journal, found)


def _blank(found: list[dict[str, Any]]) -> dict[str, Any]:
    title = next((event["data"].get("title") for event in found if event["kind"] == "record.opened"), "")
    journal: dict[str, Any] = {
        "chaoslib-version": "",
        "platform": "",
        "node": "",
        "experiment": {"title": title, "description": "", "method": []},
        "start": found[0]["time"] if found else "",
        "status": None,
        "deviated": False,
        "steady_states": {"before": None, "after": None, "during": []},
        "run": [],
        "rollbacks": [],
    }
    for event in found:
        if event["kind"] == "run.started":
            journal.update(event["data"].get("journal", {}))
    return journal


def _runs(found: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Each activity by its number: `{"where": ..., "run": ...}`; what never completed ends with the last event."""
    runs: dict[int, dict[str, Any]] = {}
    for event in found:
        data = event["data"]
        if event["kind"] == "activity.started":
            runs[data["n"]] = {"where": data["where"], "run": _unfinished(event, found[-1]["time"])}
        elif event["kind"] == "activity.completed":
            runs[data["n"]] = {"where": data["where"], "run": _with_status(data["run"])}
    return runs


def _unfinished(event: dict[str, Any], end: str) -> dict[str, Any]:
    return {
        "activity": event["data"]["activity"],
        "output": None,
        "start": event["time"],
        "status": "failed",
        "exception": [_CUT_SHORT],
        "end": end,
        "duration": _seconds(event["time"], end),
    }


def _with_status(run: dict[str, Any]) -> dict[str, Any]:
    """The host leaves `status` out when an activity is interrupted; its own report tool then fails."""
    return run if "status" in run else {**run, "status": "failed", "exception": [_CUT_SHORT]}


def _state(data: dict[str, Any], runs: dict[int, dict[str, Any]]) -> dict[str, Any]:
    probes = []
    for probe in data["probes"]:
        entry = runs.get(probe["n"])
        if entry:
            entry["placed"] = True
            probes.append({**entry["run"], "tolerance_met": probe["tolerance_met"]})
    return {"steady_state_met": data["steady_state_met"], "probes": probes}


def _place(journal: dict[str, Any], runs: dict[int, dict[str, Any]]) -> None:
    states = journal["steady_states"]
    for entry in runs.values():
        where = entry["where"]
        if where in ("method", "rollbacks"):
            journal["run" if where == "method" else "rollbacks"].append(entry["run"])
        elif not entry.get("placed"):
            probe = {**entry["run"], "tolerance_met": False}
            _unjudged(states, where)["probes"].append(probe)


def _unjudged(states: dict[str, Any], where: str) -> dict[str, Any]:
    """The hypothesis during which the run ended: it has probes, but nobody said whether it was met."""
    if where == "during":
        if not states["during"] or states["during"][-1]["steady_state_met"] is not None:
            states["during"].append({"steady_state_met": None, "probes": []})
        found: dict[str, Any] = states["during"][-1]
        return found
    if states[where] is None:
        states[where] = {"steady_state_met": None, "probes": []}
    state: dict[str, Any] = states[where]
    return state


def _closed(journal: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    last = found[-1]["time"] if found else journal["start"]
    if died_unfinished(found):
        died = {"verdict": "interrupted", "reasons": ["its process was killed or died"]}
        journal.setdefault("extensions", [_extension(found, died)])
    journal["status"] = journal["status"] or "interrupted"
    journal.setdefault("end", last)
    journal.setdefault("duration", _seconds(journal["start"], journal["end"]))
    return journal


def died_unfinished(found: list[dict[str, Any]]) -> bool:
    """Did the runner die, and somebody else (watchdog or hand) close its record?"""
    kinds = {event["kind"] for event in found}
    return "run.finished" not in kinds and bool(kinds & {"run.died", "record.sealed"})


def _extension(found: list[dict[str, Any]], finished: dict[str, Any]) -> dict[str, Any]:
    """What we know beyond the host's form, in the place the host keeps for extensions."""
    return {
        "name": EXTENSION,
        "run": found[0]["data"].get("run"),
        "verdict": finished.get("verdict"),
        "reasons": finished.get("reasons", []),
        "refused": bool(finished.get("refused")),
        "recovery": recovery_of(found),
        "faults": [fault.evidence for fault in faults_of(found)],
        "undo": [event["data"] for event in found if event["kind"] in ("fault.undone", "fault.undo_failed")],
    }


def _seconds(start: str, end: str) -> float:
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
