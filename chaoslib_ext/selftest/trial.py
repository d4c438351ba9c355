"""One case, carried out: start the victim, do the selftest's part, wait until all is over, look what is left."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ProxyError

from . import look, scenarios
from .case import Case, Outcome
from .point import Point
from .scene import Scene
from .victim import Victim, chaos, environment

__all__ = ["LEASE", "carried_out", "points_of"]

LEASE = 2.0
"""Seconds; the shortest a victim may be given (`victim.environment`)."""
_PATIENCE = 90.0
"""Seconds after which a case that does not end is a failure, and is ended."""
_HANG = 1.0
"""Seconds that a server hangs."""
_GUEST = 5.0
"""Seconds more for rollbacks that are not ours: a process must be started for them."""
_COMMAND = 10.0
"""Seconds more where a command must find out that a watchdog was stopped, and do its work."""
_TICK = 0.01
_SAID = 2000
"""Characters of its output that are kept."""


def carried_out(
    case: Case,
    scene: Scene,
    folder: Path,
    *,
    span: float = 1.0,
    within: float = 2.0,
    is_off: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Do it in `folder`, which is empty. `span`: seconds a run of this kind takes; `within`: seconds until clean;
    `is_off`: asked again and again whether to break off.

    Raises ProxyError when the server of the selftest itself cannot be brought back.
    """
    start = SYSTEM.monotonic()
    if case.scenario.after_dead:
        _ended(Case(scenarios.ALL_KILLED), scene, folder)
    trial = _Trial(case, scene, folder, span, is_off)
    try:
        trial.go()
        left = trial.look(within)
    finally:
        remains = trial.end()
    left += [f"process {pid} was still there" for pid in remains]
    return Outcome(
        case,
        tuple(left),
        trial.seconds,
        trial.by_command,
        trial.victim.exit_code,
        SYSTEM.monotonic() - start,
        tuple(points_of(trial.victim)),
        trial.victim.output()[-_SAID:].strip(),
    )


def _ended(case: Case, scene: Scene, folder: Path) -> None:
    """What comes before: a run that leaves something on purpose."""
    trial = _Trial(case, scene, folder, 1.0, lambda: False)
    try:
        trial.go()
    finally:
        trial.victim.end()
        (folder / "told").unlink(missing_ok=True)


def points_of(victim: Victim) -> list[Point]:
    """The points that it told of, in their order."""
    told = victim.told("point")
    begun = told[0]["at"] if told else 0.0
    return [
        Point(one["role"], one["kind"], one["site"], one["nth"], tuple(one["chain"]), one["at"] - begun) for one in told
    ]


@dataclass
class _Trial:
    case: Case
    scene: Scene
    folder: Path
    span: float
    is_off: Callable[[], bool]
    seconds: float | None = None
    by_command: bool = False
    victim: Victim = field(init=False)
    _struck: float | None = None
    _dirty: float = 0.0
    _gone: float = 0.0
    _hung: float | None = None
    _ignored: list[str] = field(default_factory=list)
    _is_over: bool = False

    def __post_init__(self) -> None:
        command = self.case.scenario.command(self.folder)
        server, case = self.scene.server.url, self.case
        self.victim = Victim(self.folder, command, server, strikes=case.strikes, is_traced=case.is_trace)

    def go(self) -> None:
        """Until no process of it is left, or for as long as anybody would wait."""
        deadline = SYSTEM.monotonic() + _PATIENCE
        while SYSTEM.monotonic() < deadline and not self.is_off():
            self._kill_if_due()
            self._serve()
            self._wake()
            self._wake_watchdog()
            if self.victim.exit_code is None:
                self._gone = SYSTEM.monotonic()
            over = self.victim.is_over()
            self._see()
            if over:
                self._is_over = True
                break
            SYSTEM.sleep(_TICK)
        if self._struck is not None:
            since = self._struck if self.case.ends_run or self.case.scenario is scenarios.HUNG else self._gone
            self.seconds = round(max(0.0, self._dirty - since), 3)

    def _kill_if_due(self) -> None:
        kill = self.case.kill
        begun = self.victim.told("begun") if kill and self._struck is None else []
        if not kill or not begun or SYSTEM.monotonic() < begun[0]["at"] + kill.share * self.span:
            return
        self._struck = SYSTEM.monotonic()
        if kill.who in ("watchdog", "both"):
            self.victim.send(signal.SIGKILL, self.victim.alive("watchdog"))
        if kill.who == "group":
            self.victim.send_group(signal.SIGKILL)
        if kill.who in ("run", "both"):
            self.victim.send(signal.SIGKILL, [self.victim.pid])

    def _serve(self) -> None:
        """What the victim cannot do itself: hurt the server."""
        asked = self.victim.told("server")
        done = self.folder / "server-done"
        if self._hung is not None and SYSTEM.monotonic() - self._hung > _HANG:
            self.scene.server.go_on()
            self._hung = None
        if not asked or done.exists():
            return
        what = asked[0]["what"]
        if what == "hang":
            self.scene.server.hang()
            self._hung = SYSTEM.monotonic()
        elif what == "kill":
            self.scene.server.kill()
        else:
            self.scene.restart()
        done.touch()

    def _wake(self) -> None:
        """A run that was stopped is woken up once its faults are gone (it must not put any in again), or when nobody is
        left to take them back.
        """
        stopped = [pid for pid in self.victim.alive("runner") if _is_stopped(pid)]
        if stopped and (not self.victim.alive("watchdog") or (self._reached() is not None and self.scene.is_clean())):
            self.victim.send(signal.SIGCONT, stopped)

    def _wake_watchdog(self) -> None:
        """A watchdog that was stopped is an absent one: once its run is gone, any command does its work. Then it is let
        go on, and may do no harm.
        """
        stopped = [pid for pid in self.victim.alive("watchdog") if _is_stopped(pid)]
        if not stopped or self.victim.alive("runner"):
            return
        self.by_command = True
        self._see()
        self._run(("live",))
        self._see()
        if not self.scene.is_clean():
            self._ignored.append("`chaos live` left it to a watchdog that was stopped")
        self.victim.send(signal.SIGCONT, stopped)

    def _reached(self) -> float | None:
        if self._struck is None:
            name = self.case.point.name(self.case.when) if self.case.point else ""
            reached = [one for one in self.victim.told("reached") if one["point"] == name]
            stopped = self.case.scenario is scenarios.HUNG and any(map(_is_stopped, self.victim.alive("runner")))
            if reached:
                self._struck = float(reached[0]["at"])
            elif stopped:
                self._struck = SYSTEM.monotonic()
        return self._struck

    def _see(self) -> None:
        if self._hung is None and self._reached() is not None and not self.scene.is_clean():
            self._dirty = SYSTEM.monotonic()

    # --- afterwards

    def look(self, within: float) -> list[str]:
        """What is left, in words."""
        if self.is_off():
            return []
        if not self._is_over:
            return [f"it did not end within {_PATIENCE:g} s"]
        left = self._ignored + self._late(within) + self._untrue()
        if not self.scene.server.is_alive:
            self.scene.restart()
        if self._left():
            may, before = self.case.leaves_to_command or not self._had_watchdog(), self._left()
            may = may or (self.case.is_without_threads and not self.scene.wrong())
            self._next_command()
            left += [] if may else [f"only the next command mended: {one}" for one in before]
        return left + self._left()

    def _had_watchdog(self) -> bool:
        return any(one["role"] == "watchdog" for one in self.victim.told("process"))

    def _late(self, within: float) -> list[str]:
        allowed = within + (1.5 * LEASE if self.case.hangs else 0)
        allowed += _COMMAND if self.by_command else 0
        allowed += _GUEST if self.case.scenario.guest else 0
        if self.seconds is not None and self.seconds > allowed:
            return [f"clean only after {self.seconds:.2f} s (allowed: {allowed:g} s)"]
        return []

    def _untrue(self) -> list[str]:
        code = self.victim.exit_code
        if self.case.scenario.kind != "run" or code is None or code < 0:
            return []  # killed: it could not write one
        return look.in_journal(self.folder / scenarios.JOURNAL, code)

    def _left(self) -> list[str]:
        record_failed = bool(self.case.ending and self.case.ending.do[1:] == ("record",))
        return self.scene.wrong() + look.in_files(self.folder, is_record_whole=not record_failed)

    def _next_command(self) -> None:
        """What a person types next, with time gone by, and the disk mended."""
        self.by_command = True
        (self.folder / "disk").unlink(missing_ok=True)
        for log in (self.folder / "journal" / "runs").glob("*/events.jsonl"):
            os.utime(log, (log.stat().st_atime, log.stat().st_mtime - 60))
        start = SYSTEM.monotonic()
        for words in (("undo", "--all"), ("journal", "list")):
            self._run(words)
            if words[0] == "undo" and self.seconds is not None:
                self.seconds = round(SYSTEM.monotonic() - start, 3)

    def _run(self, words: Sequence[str]) -> None:
        env = environment(self.folder, self.scene.server.url)
        env.pop("PYTHONPATH")
        with (self.folder / "output.log").open("ab") as output:
            try:
                subprocess.run(
                    chaos(*words), cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    timeout=_PATIENCE, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                output.write(f"chaos {' '.join(words)} did not end\n".encode())

    def end(self) -> list[int]:
        """Leave nothing of it, and the scene as it was; the processes that were still there."""
        left = self.victim.end()
        self.scene.server.go_on()
        try:
            is_clean = not self.scene.wrong()
        except ProxyError:
            is_clean = False
        if not is_clean:
            self.scene.restart()
        return left


def _is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False
