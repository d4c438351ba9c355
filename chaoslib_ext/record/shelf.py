"""Where records lie: finding one by its id, and a summary of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import BadInput, RecordNotFound, did_you_mean
from chaoslib_ext.folders import journal_dir
from chaoslib_ext.model import Verdict

from .begun import never_begun, order
from .faults import Fault
from .read import State, verify
from .record import EVENTS
from .story import read

__all__ = ["Summary", "find", "folders", "ids", "listing", "no_record_of"]


@dataclass(frozen=True)
class Summary:
    """One record in a line. `verdict` None: not finished; `problem`: what is wrong with the record itself.

    `unmeasured` are those of `faults` of which nothing proves that they were felt.
    """

    id: str
    folder: Path
    title: str
    started: str
    verdict: Verdict | None
    state: State
    faults: tuple[str, ...]
    problem: str | None = None
    unmeasured: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "id": self.id,
            "title": self.title,
            "started": self.started,
            "verdict": str(self.verdict) if self.verdict else None,
            "state": self.state,
            "problem": self.problem,
            "faults": list(self.faults),
            "measured": not self.unmeasured if self.faults else None,
            "unmeasured": list(self.unmeasured),
            "folder": str(self.folder),
        }


def folders() -> list[Path]:
    """Every record's folder, the one begun last first; none when there is no journal yet. Those of which the order is
    not known (of older versions, brought from elsewhere) come behind, by the time in their names.

    Raises BadInput when the journal's place is not a folder.
    """
    journal = journal_dir()
    if journal.exists() and not journal.is_dir():
        raise BadInput(f"the journal folder {journal} is not a folder; set CHAOS_JOURNAL_DIR to one")
    runs = journal / "runs"
    found = (folder for folder in runs.iterdir() if (folder / EVENTS).is_file()) if runs.is_dir() else iter(())
    place = {name: number for number, name in enumerate(order())}
    return sorted(found, key=lambda folder: (place.get(folder.name, -1), folder.name), reverse=True)


def ids() -> list[str]:
    """Every record's id, the newest first."""
    return [_id(folder) for folder in folders()]


def find(wanted: str) -> Path:
    """The record whose id or folder name begins with `wanted`; `last` is the run begun last; a path is taken as it is.

    Raises RecordNotFound when there is none, or more than one (then it lists them), or when the last run got none.
    """
    if "/" in wanted and (Path(wanted) / EVENTS).is_file():
        return Path(wanted).absolute()
    known = folders()
    if wanted == "last" and (source := never_begun()) is not None:
        raise RecordNotFound(f"{no_record_of(source)}; for an older run type its id (chaos journal list)")
    if wanted == "last" and known:
        return known[0]
    fits = [folder for folder in known if _id(folder) == wanted]
    fits = fits or [folder for folder in known if _id(folder).startswith(wanted) or folder.name.startswith(wanted)]
    if len(fits) == 1 and wanted:
        return fits[0]
    raise RecordNotFound(_none_or_many(wanted, fits, known))


def no_record_of(source: str) -> str:
    """Why there is nothing to tell of the last run."""
    return f"the last run, of {source}, never began: it left no record; `chaos run` said why"


def _none_or_many(wanted: str, fits: list[Path], known: list[Path]) -> str:
    if fits:
        names = ", ".join(_id(folder) for folder in fits[:8]) + (", ..." if len(fits) > 8 else "")
        return f"{len(fits)} records begin with {wanted!r}: {names}; type more of the id (chaos journal list)"
    if not known:
        return f"no record {wanted!r}: there is none in {journal_dir()}; make one: chaos enable && chaos run ..."
    return f"no record {wanted!r} in {journal_dir()}{did_you_mean(wanted, [_id(folder) for folder in known])}"


def listing(most: int | None = None) -> Iterator[Summary]:
    """A summary of each record, the newest first. Never raises for what a record contains."""
    for folder in folders()[:most]:
        yield _summary(folder)


def _summary(folder: Path) -> Summary:
    try:
        story = read(folder)
    except Exception as error:  # whatever is wrong with one must not hide the others
        checked = verify(folder)
        problem = checked.problem or f"{type(error).__name__}: {error}"
        return Summary(_id(folder), folder, folder.name, "", None, "broken", (), problem)
    kinds = _kinds(story.faults)
    unmeasured = _kinds(fault for fault in story.faults if not fault.is_measured)
    title = story.title or folder.name
    return Summary(story.id, folder, title, story.started, story.verdict, story.state, kinds, story.problem, unmeasured)


def _kinds(faults: Iterable[Fault]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(fault.evidence.get("fault")) for fault in faults))


def _id(folder: Path) -> str:
    return folder.name.rsplit("-", 1)[-1]
