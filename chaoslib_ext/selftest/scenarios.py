"""The small runs that are ended at every step: with the control and without, to their end, and stopped in the middle.

Each begins the same way and visits other code on the way out. Together they come by every place that matters;
`sites.py` holds the list of all such places against what they visit.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .victim import Strike, chaos

__all__ = ["ALL", "ALL_KILLED", "DOOR", "HUNG", "KILLED", "RUN", "Scenario", "named"]


@dataclass(frozen=True)
class Scenario:
    """A kind of run. `last` is the signal that it sends itself before its end (to its watchdog first, if that is said).

    `strikes` are done to it always, before what a case does; `after_dead`: a run and its watchdog were killed before,
    and nobody has cleaned up. `only`: no more than the points that this file leads to are new in it.
    """

    name: str
    says: str
    kind: Literal["run", "door", "undo"] = "run"
    last: str | None = None
    with_watchdog: bool = False
    strikes: tuple[Strike, ...] = ()
    after_dead: bool = False
    only: str | None = None

    def command(self, folder: Path) -> Sequence[str]:
        """What to start, in `folder`, where its files are made."""
        if self.kind == "undo":
            return chaos("undo", "--all")
        if self.kind == "door":
            return [sys.executable, "-P", "-m", "chaoslib_ext.selftest.door"]
        (folder / "experiment.json").write_text(json.dumps(_experiment(self.last, self.with_watchdog)))
        control = {"provider": {"type": "python", "module": "chaoslib_ext.control"}}
        (folder / "control.json").write_text(json.dumps({"record": control}))
        journal = str(folder / "journal.json")
        return chaos("run", "--journal-path", journal, "--control-file", "control.json", "experiment.json")


_CTRL_C = Strike("runner http proxy/undo.py:EnableProxy._undo #1 before", ("signal", "SIGINT"))
_TERM = Strike("watchdog http proxy/undo.py:EnableProxy._undo #1 before", ("signal", "SIGTERM"))

RUN = Scenario("run", "chaos run, to its end")
DOOR = Scenario("door", "faults without the control, one of them with a duration", kind="door")
STOPPED = Scenario("stopped", "chaos run, stopped by SIGTERM with faults in", last="SIGTERM")
IMPATIENT = Scenario("impatient", "chaos run, Ctrl-C while it undoes", strikes=(_CTRL_C,))
KILLED = Scenario("killed", "chaos run, killed with faults in", last="SIGKILL")
DEAF = Scenario(
    "deaf", "chaos run, killed; its watchdog is told to end while it undoes", last="SIGKILL", strikes=(_TERM,)
)
HUNG = Scenario("hung", "chaos run, hanging with faults in", last="SIGSTOP")
ALL_KILLED = Scenario("all-killed", "chaos run, killed with its watchdog", last="SIGKILL", with_watchdog=True)
NEXT = Scenario(
    "next", "chaos run, after another one and its watchdog were killed", after_dead=True, only="faults/aftermath.py"
)
BY_HAND = Scenario(
    "by-hand", "chaos undo --all, after a run and its watchdog were killed", kind="undo", after_dead=True
)

ALL = (RUN, DOOR, STOPPED, IMPATIENT, KILLED, DEAF, HUNG, NEXT, BY_HAND)


def named(name: str) -> Scenario | None:
    """The scenario of that name, if there is one."""
    return next((one for one in ALL if one.name == name), None)


def _experiment(last: str | None, with_watchdog: bool) -> dict[str, Any]:
    steps = [
        _step("action", "slow", "actions.toxics.add_latency", {"proxy": "web", "latency_ms": 20}),
        _step("action", "down", "actions.proxies.down", {"proxy": "orders"}),
        _step("action", "faster", "actions.toxics.remove", {"proxy": "web"}),
        _step("action", "nothing", "actions.toxics.add", {"proxy": "web", "type": "noop", "duration": "10m"}),
    ]
    if last:
        told = {"name": last, "with_watchdog": with_watchdog}
        steps.append(_step("action", "last", "chaoslib_ext.selftest.steps.signalled", told))
    normal = {**_step("probe", "there", "probes.proxies.proxy_exists", {"proxy": "web"}), "tolerance": True}
    return {
        "title": "Is anything left behind?",
        "description": "Made by chaos selftest.",
        "steady-state-hypothesis": {"title": "It is there", "probes": [normal]},
        "method": steps,
    }


def _step(type: str, name: str, function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module, _, func = function.rpartition(".")
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": type, "name": name, "provider": provider}
