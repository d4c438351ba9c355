"""What a journal is worth to somebody who was not there: its verdict, or why it cannot be believed.

A record of ours is verified before its word is taken. A journal of the host's, alone in a file, is judged by the
same table as a run (`record.verdict`); where it brings a verdict of ours, the worse of the two counts.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import ExtError, RecordNotFound
from chaoslib_ext.model import Verdict

from .begun import never_begun
from .journal import EXTENSION
from .outcome import why_not_done
from .read import verify
from .record import EVENTS
from .shelf import find, no_record_of
from .story import read
from .verdict import REHEARSALS, Judged, Parts, verdict

__all__ = ["Ruling", "rule"]

_FIELDS = {"experiment": dict, "status": str, "run": list, "steady_states": dict}
"""What every journal of the host has (chaoslib/run.py, `initialize_run_journal`), and of which type."""


_PLAYED = ("run", "rollbacks")


@dataclass(frozen=True)
class Ruling:
    """`verdict` None: not to be believed, or the run never began; `reasons` says why. `of` names what was looked at.

    `began` False: the run that was asked for last has no record.
    """

    of: str
    title: str
    verdict: Verdict | None
    reasons: tuple[str, ...]
    refused: bool = False
    began: bool = True

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**asdict(self), "verdict": str(self.verdict) if self.verdict else None}


def rule(place: str) -> Ruling:
    """Rule on a record (its id, its folder, the journal in it, or `last`) or on a journal in a file.

    Raises RecordNotFound when there is no such thing.
    """
    path = Path(place)
    if (path / EVENTS).is_file():
        return _of_record(path.absolute())
    if path.is_file():
        inside = path.name == "journal.json" and (path.parent / EVENTS).is_file()
        return _of_record(path.absolute().parent) if inside else _of_file(path)
    if path.is_dir() or path.suffix == ".json":
        raise RecordNotFound(
            f"{place} is no record and no journal; give the id of a run (chaos journal list) or a file"
        )
    if place == "last" and (source := never_begun()) is not None:
        return Ruling(place, source, None, (no_record_of(source),), began=False)
    return _of_record(find(place))


def _of_record(folder: Path) -> Ruling:
    checked = verify(folder)
    if checked.state != "ok":
        return Ruling(str(folder), folder.name, None, (f"the record is {checked.state}: {checked.problem}",))
    try:
        story = read(folder)
    except ExtError as error:
        return Ruling(str(folder), folder.name, None, (str(error),))
    reasons = story.reasons if story.verdict else ("it has no verdict",)
    return Ruling(str(folder), story.title, story.verdict, reasons, story.refused)


def _of_file(path: Path) -> Ruling:
    try:
        journal = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        return _unusable(path, f"it cannot be read as JSON: {error}")
    wrong = _wrong(journal)
    if wrong:
        return _unusable(path, wrong)
    try:
        return _ruled(path, journal)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        return _unusable(path, f"it is no journal of Chaos Toolkit ({type(error).__name__}: {error})")


def _wrong(journal: Any) -> str | None:
    if not isinstance(journal, dict):
        return "it is no journal of Chaos Toolkit: not a mapping"
    off = [name for name, kind in _FIELDS.items() if not isinstance(journal.get(name), kind)]
    return f"it is no journal of Chaos Toolkit: without {', '.join(off)}" if off else None


def _unusable(path: Path, why: str) -> Ruling:
    return Ruling(str(path), path.name, None, (why,))


def _ruled(path: Path, journal: dict[str, Any]) -> Ruling:
    ours: dict[str, Any] = next((one for one in journal.get("extensions") or [] if _is_ours(one)), {})
    title = str(journal["experiment"].get("title", path.name))
    computed = _computed(journal)
    if ours and computed.verdict is Verdict.HELD:
        said = Verdict(ours["verdict"])
        return Ruling(str(path), title, said, tuple(ours.get("reasons") or ()), bool(ours.get("refused")))
    if ours and ours["verdict"] != str(Verdict.HELD):
        return Ruling(str(path), title, Verdict(ours["verdict"]), tuple(ours["reasons"]), bool(ours.get("refused")))
    return Ruling(str(path), title, computed.verdict, computed.reasons)


def _is_ours(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("name") == EXTENSION and "verdict" in entry


def _computed(journal: dict[str, Any]) -> Judged:
    """By the table; the host's own last word counts where the parts show nothing."""
    looked_at = {**journal, **{part: [_looked_at(run) for run in journal.get(part) or []] for part in _PLAYED}}
    judged = verdict(looked_at, Parts(is_dry=journal["experiment"].get("dry") in REHEARSALS))
    if judged.verdict is Verdict.HELD and journal.get("deviated"):
        return Judged(Verdict.DEVIATED, ("the host says that the steady state deviated",))
    if judged.verdict is Verdict.HELD and journal["status"] != "completed":
        return Judged(Verdict.ERROR, (f"the host says that the run {journal['status']}",))
    return judged


def _looked_at(run: dict[str, Any]) -> dict[str, Any]:
    """One activity, with what the host passes over: a program that failed, a probe outside of its tolerance."""
    if run.get("status") != "succeeded":
        return run
    activity = run["activity"]
    if why := why_not_done(activity, run.get("output")):
        return {**run, "status": "failed", "exception": [why]}
    if "tolerance_met" in run or not _can_be_held_against(activity.get("tolerance")):
        return run
    return {**run, "tolerance_met": _is_tolerated(activity["tolerance"], run.get("output"))}


def _can_be_held_against(tolerance: Any) -> bool:
    """Nothing is asked for it (a probe), and nothing has to be known that is not in the journal (`${name}`)."""
    is_probe = isinstance(tolerance, dict) and tolerance.get("type") == "probe"
    return tolerance is not None and not is_probe and "${" not in json.dumps(tolerance)


def _is_tolerated(tolerance: Any, value: Any) -> bool:
    from chaoslib.hypothesis import within_tolerance

    try:
        return bool(within_tolerance(tolerance, value))
    except Exception:  # a value that its tolerance does not fit is not within it
        return False
