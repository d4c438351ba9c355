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

__all__ = [
    "ALL",
    "ALL_KILLED",
    "DOOR",
    "GUEST",
    "GUEST_KILLED",
    "HUNG",
    "JOURNAL",
    "KILLED",
    "LATE",
    "RUN",
    "Scenario",
    "named",
]

JOURNAL = "journal.json"
"""Where the host writes its own, in the folder of a run."""


@dataclass(frozen=True)
class Scenario:
    """A kind of run. `last` is the signal that it sends itself before its end (to its watchdog first, if that is said).

    `strikes` are done to it always, before what a case does; `after_dead`: a run and its watchdog were killed before,
    and nobody has cleaned up. `only`: no more than the points that these files lead to are new in it. `guest`: the run
    has actions that are not ours: one with a rollback, which takes a process and its time, and two like chaostoxi's.
    """

    name: str
    says: str
    kind: Literal["run", "door", "undo"] = "run"
    last: str | None = None
    with_watchdog: bool = False
    strikes: tuple[Strike, ...] = ()
    after_dead: bool = False
    only: str | None = None
    guest: bool = False

    @property
    def dies(self) -> bool:
        """Is it killed, so that it cannot clean up itself?"""
        return self.last == "SIGKILL"

    def command(self, folder: Path) -> Sequence[str]:
        """What to start, in `folder`, where its files are made."""
        if self.kind == "undo":
            return chaos("undo", "--all")
        if self.kind == "door":
            return [sys.executable, "-P", "-m", "chaoslib_ext.selftest.door"]
        if self.guest:
            _make_chaostoxi(folder / "site")
        (folder / "experiment.json").write_text(json.dumps(self._experiment()))
        control = {"provider": {"type": "python", "module": "chaoslib_ext.control"}}
        (folder / "control.json").write_text(json.dumps({"record": control}))
        journal = str(folder / JOURNAL)
        return chaos("run", "--journal-path", journal, "--control-file", "control.json", "experiment.json")

    def _experiment(self) -> dict[str, Any]:
        told = {"name": self.last, "with_watchdog": self.with_watchdog}
        last = [_step("action", "last", f"{_STEPS}.signalled", told)] if self.last else []
        normal = {**_step("probe", "there", "probes.proxies.proxy_exists", {"proxy": "web"}), "tolerance": True}
        return {
            "title": "Is anything left behind?",
            "description": "Made by chaos selftest.",
            "steady-state-hypothesis": {"title": "It is there", "probes": [normal]},
            "configuration": {"toxiproxy_url": {"type": "env", "key": "TOXIPROXY_URL"}},
            "method": [*(_GUESTS if self.guest else ()), *_FAULTS, *last],
            "rollbacks": [{**_step("action", "take theirs", f"{_STEPS}.take", {}), "timeout": 30}]
            if self.guest
            else [],
            "extensions": [{"name": "chaostoolkit-ext", "recovery": {"at_most": "500ms", "every": "50ms"}}],
        }


_CTRL_C = (
    Strike("runner http proxy/undo.py:EnableProxy._undo #1 before", ("signal", "SIGINT")),
    Strike("runner rename record/files.py:move #1 before", ("signal", "SIGINT")),
)
_ENDED = Strike("runner http faults/proxy_down.py:ProxyDown.confirm #1 after", ("signal", "SIGTERM"))
_STOP = Strike("runner http faults/toxic.py:Toxic.confirm #1 after", ("stop-watchdog",))
_TERM = Strike("watchdog http proxy/undo.py:EnableProxy._undo #1 before", ("signal", "SIGTERM"))

RUN = Scenario("run", "chaos run, to its end")
DOOR = Scenario("door", "faults without the control, one of them with a duration", kind="door")
DOOR_STOPPED = Scenario("door-stopped", "the same, ended by SIGTERM", kind="door", strikes=(_ENDED,))
LATE = Scenario(
    "late",
    "the same, its watchdog stopped while a deadline passes",
    kind="door",
    strikes=(_STOP,),
    only="faults/keeper.py",
)
STOPPED = Scenario("stopped", "chaos run, stopped by SIGTERM with faults in", last="SIGTERM")
IMPATIENT = Scenario("impatient", "chaos run, Ctrl-C while it undoes, and while it seals", strikes=_CTRL_C)
KILLED = Scenario("killed", "chaos run, killed with faults in", last="SIGKILL")
DEAF = Scenario(
    "deaf", "chaos run, killed; its watchdog is told to end while it undoes", last="SIGKILL", strikes=(_TERM,)
)
HUNG = Scenario("hung", "chaos run, hanging with faults in", last="SIGSTOP")
ALL_KILLED = Scenario("all-killed", "chaos run, killed with its watchdog", last="SIGKILL", with_watchdog=True)
NEXT = Scenario(
    "next", "chaos run, after another one and its watchdog were killed", after_dead=True, only="faults/aftermath.py"
)
GUEST = Scenario("guest", "chaos run, with an action and a rollback of somebody else's", only="guests/", guest=True)
GUEST_KILLED = Scenario(
    "guest-killed", "the same, killed: the watchdog plays the rollback", last="SIGKILL", only="guests/", guest=True
)
BY_HAND = Scenario(
    "by-hand", "chaos undo --all, after a run and its watchdog were killed", kind="undo", after_dead=True
)

ALL = (RUN, DOOR, DOOR_STOPPED, LATE, STOPPED, IMPATIENT, KILLED, DEAF, HUNG, NEXT, GUEST, GUEST_KILLED, BY_HAND)


def named(name: str) -> Scenario | None:
    """The scenario of that name, if there is one."""
    return next((one for one in ALL if one.name == name), None)


def _make_chaostoxi(site: Path) -> None:
    """What stands for chaostoolkit-toxiproxy, whether it is installed or not: two actions by its names."""
    for part, name, does in (("toxic", "create_toxic", "add_toxic"), ("proxy", "enable_proxy", "open_proxy")):
        (site / "chaostoxi" / part).mkdir(parents=True)
        for package in (site / "chaostoxi", site / "chaostoxi" / part):  # a folder without it would give way to theirs
            (package / "__init__.py").touch()
        (site / "chaostoxi" / part / "actions.py").write_text(f"from {_STEPS} import {does} as {name}\n")


def _step(type: str, name: str, function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module, _, func = function.rpartition(".")
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": type, "name": name, "provider": provider}


_STEPS = "chaoslib_ext.selftest.steps"
_GUESTS = (
    _step("action", "theirs", f"{_STEPS}.put", {}),
    _step("action", "toxic", "chaostoxi.toxic.actions.create_toxic", {"for_proxy": "web", "toxic_name": "slow"}),
    _step("action", "open", "chaostoxi.proxy.actions.enable_proxy", {"proxy_name": "closed"}),
)
_FAULTS = (
    _step("action", "slow", "actions.toxics.add_latency", {"proxy": "web", "latency_ms": 20}),
    _step("action", "down", "actions.proxies.down", {"proxy": "orders"}),
    _step("action", "faster", "actions.toxics.remove", {"proxy": "web"}),
    _step("action", "nothing", "actions.toxics.add", {"proxy": "web", "type": "noop", "duration": "10m"}),
)
