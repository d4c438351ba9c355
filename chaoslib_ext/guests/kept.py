"""An experiment's own rollbacks, kept on the disk while its run goes on, so that they outlive it.

One file a run beside its undo log, mode 0600, overwritten and gone once they are played. Secrets are kept as the
experiment declares them (a reference to the environment or a vault), never resolved; what it spells out, or a
`--var-file`, stands there as it is. Configuration is kept as it was resolved: what a probe or a variable gave cannot be
had again.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chaoslib_ext.durable import half_written
from chaoslib_ext.errors import RecordNotWritable, UndoError, UndoNotDurable
from chaoslib_ext.folders import state_dir
from chaoslib_ext.record.encode import plain
from chaoslib_ext.record.files import write_atomically
from chaoslib_ext.record.phrases import reason
from chaoslib_ext.whole_file import read_up_to

__all__ = ["UNTOLD", "Kept", "keep", "kept_of", "read", "wipe"]

UNTOLD = 4
"""Exit code of the process that plays them: each was tried, but what came of it could not be kept (a full disk)."""
_WIPED = b"\0"
"""What is begun to be wiped begins with it: whoever wiped it may have been killed before it was gone."""


class Kept(BaseModel):
    """All that playing them takes. `results`: position among the rollbacks -> what came of it, in the host's form;
    `begun`: position -> how often we began to play it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    run: str = Field(pattern=r"^[0-9a-zA-Z_-]+$")
    record: str | None = None
    rollbacks: tuple[dict[str, Any], ...]
    configuration: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, Any] = Field(default_factory=dict)
    folder: str = "/"
    path: tuple[str, ...] = ()
    begun: dict[int, int] = Field(default_factory=dict)
    results: dict[int, dict[str, Any]] = Field(default_factory=dict)

    @property
    def pending(self) -> list[int]:
        """Positions of those that nobody has played to their end."""
        return [number for number in range(len(self.rollbacks)) if number not in self.results]

    @property
    def failed(self) -> list[tuple[str, str]]:
        """Name and reason of those that we played and that failed (the host tells of its own)."""
        return [
            (_name(run["activity"]), reason(run) or "?")
            for run in self.results.values()
            if run.get("status") != "succeeded" and run.get("by") != "host"
        ]

    @property
    def names(self) -> str:
        """For people: `heal, scale back`."""
        return ", ".join(_name(one) for one in self.rollbacks)


def _name(activity: dict[str, Any]) -> str:
    return str(activity.get("name") or activity.get("ref"))


def kept_of(
    run: str, record: Path | None, experiment: dict[str, Any], configuration: Any, given: Any = None
) -> Kept | None:
    """What to keep of this experiment; None when it has no rollbacks. `given`: groups of secrets of a `--var-file`."""
    rollbacks = [_looked_up(one, experiment) for one in experiment.get("rollbacks") or [] if isinstance(one, dict)]
    if not rollbacks:
        return None
    return Kept(
        run=run,
        record=str(record) if record else None,
        rollbacks=tuple(plain(rollbacks)),
        configuration=plain(dict(configuration or {})),
        secrets=plain(_declared(experiment.get("secrets") or {}, dict(given or {}))),
        folder=os.getcwd(),
        path=tuple(os.path.abspath(one) for one in sys.path if one),
    )


def _declared(secrets: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """As the host reads them (chaoslib/secret.py, `load_secrets`): a group that is given takes the other's place."""
    return {
        name: given[name] if isinstance(group, dict) and given.get(name) is not None else group
        for name, group in secrets.items()
    }


def _looked_up(activity: dict[str, Any], experiment: dict[str, Any]) -> dict[str, Any]:
    """A `ref` replaced by what it names; one that names nothing stays, and will fail alone."""
    if "ref" not in activity:
        return activity
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    known = [*(experiment.get("method") or []), *(hypothesis.get("probes") or [])]
    return next((one for one in known if one.get("name") == activity["ref"]), activity)


def keep(kept: Kept) -> None:
    """Write it, durably. Raises UndoNotDurable: then the method may not begin."""
    path = _path(kept.run)
    try:
        write_atomically(path, kept.model_dump_json(indent=1))
    except RecordNotWritable as error:
        raise UndoNotDurable(
            f"the rollbacks of run {kept.run} cannot be kept in {path} ({error.__cause__}), so the method does not "
            "begin; make room, or set CHAOS_STATE_DIR to a folder you may write to"
        ) from error


def read(run: str) -> Kept | None:
    """What is kept of that run; None when nothing is (any more). Raises UndoError for a file that cannot be used."""
    path = _path(run)
    try:
        content = read_up_to(path)
        return None if content.startswith(_WIPED) else Kept.model_validate(json.loads(content))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        raise UndoError(
            f"the kept rollbacks {path} cannot be read ({type(error).__name__}), so they are not played; play those of "
            "the experiment by hand, then remove the file"
        ) from error


def wipe(run: str) -> None:
    """They are played: overwrite what was kept, and remove it, also what a writer that was killed left half written.

    Raises UndoError when a file stays, which does no harm.
    """
    kept = _path(run)
    for path in (kept, *half_written(kept)):
        try:
            with path.open("r+b") as file:  # in place: a file that is cut first is given other blocks
                file.write(_WIPED * os.fstat(file.fileno()).st_size)
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UndoError(
                f"the kept rollbacks {path} cannot be removed ({error.strerror}); remove the file"
            ) from error


def _path(run: str) -> Path:
    return state_dir("undo") / f"{run}.rollbacks.json"
