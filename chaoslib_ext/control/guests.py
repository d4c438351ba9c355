"""What a run owes the actions that are not ours: its own rollbacks kept, and an undo where their inverse is known."""

import logging
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import ExtError
from chaoslib_ext.faults.run import Run
from chaoslib_ext.guests import chaostoxi
from chaoslib_ext.guests.kept import Kept, keep, kept_of, read, wipe
from chaoslib_ext.model import Undo

from .facts import secret_vars

__all__ = ["Guests"]

_logger = logging.getLogger("chaostoolkit")


class Guests:
    """The guests of one run, from before its method until its end."""

    def __init__(self, run: Run, record: Path, experiment: dict[str, Any], configuration: Any, secrets: Any) -> None:
        self._run = run
        self._kept = kept_of(run.id, record, experiment, configuration, secret_vars())
        self._configuration = configuration or {}
        self._secrets = secrets or {}
        self._undo: Undo | None = None

    def begin(self) -> None:
        """Keep the rollbacks, durably, with somebody standing ready to play them. Raises UndoError: no method then."""
        kept = self._kept
        if kept is None:
            return
        self._run.arm()
        says = f"play the experiment's own rollbacks: {kept.names}"
        # ahead of what it stands for: whoever finds the file, or half of it, finds in the log that it is to be wiped
        self._undo = self._intend("host", "play_rollbacks", {"run": kept.run}, "rollbacks", says)
        try:
            keep(kept)
        except ExtError:
            wipe(kept.run)
            raise

    def before(self, activity: dict[str, Any]) -> None:
        """Write the undo of an action whose inverse is known, ahead of it. Raises UndoError: it must not start then."""
        provider = activity.get("provider") or {}
        module, func = str(provider.get("module", "")), str(provider.get("func", ""))
        if provider.get("type") != "python" or not chaostoxi.is_known(module, func):
            return
        from chaoslib import substitute

        arguments = substitute(dict(provider.get("arguments") or {}), self._configuration, self._secrets)
        back = chaostoxi.way_back(module, func, arguments, self._configuration)
        if back is not None:
            self._run.arm(back.args["server"])
            self._intend("proxy", back.op, back.args, back.fault, back.says)

    def settle(self, journal: dict[str, Any]) -> None:
        """The host's part of the run is over: what it played of the rollbacks need not be played again."""
        if self._undo is None:
            return
        try:
            kept = read(self._run.id)
            if kept is None:
                return
            kept = _with_results_of(kept, journal.get("rollbacks") or [])
            if kept.pending:
                keep(kept)
            else:
                wipe(kept.run)
                self._run.settle(self._undo)
        except ExtError as error:  # then they are played once more, which is better than not at all
            _logger.warning("%s", error)

    def _intend(self, driver: Any, op: str, args: dict[str, Any], fault: str, says: str) -> Undo:
        run = self._run.id
        return self._run.intend(
            lambda id, earlier: Undo(
                id=id,
                run=run,
                driver=driver,
                op=op,
                args=args,
                fault=fault,
                says=says,
                by_hand=f"chaos undo --run {run}",
            )
        )


def _with_results_of(kept: Kept, played: list[dict[str, Any]]) -> Kept:
    """With what the host has played, each told by its name, in the order in which it begins them."""
    results = dict(kept.results)
    for run in played:
        name = (run.get("activity") or {}).get("name")
        number = next(
            (one for one in kept.pending if one not in results and kept.rollbacks[one].get("name") == name), None
        )
        if number is not None and run.get("status") in ("succeeded", "failed"):
            results[number] = {"activity": {"name": name}, "status": run["status"], "by": "host"}
    return kept.model_copy(update={"results": results})
