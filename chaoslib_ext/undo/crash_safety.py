"""Would the watchdog outlive the run? Told from what this process stands in, before anything is hurt.

A service manager, a container or a login session that is ended takes every process in it along, the watchdog too; then
nobody is left to undo until the next command of ours (or the unit of `chaos undo --install-service`) comes by.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CrashSafety", "crash_safety"]

_INITS = ("systemd", "init", "openrc-init", "runit", "s6-svscan", "launchd", "shepherd", "dinit")
"""What pid 1 is called where it goes on living whatever we do."""


@dataclass(frozen=True)
class CrashSafety:
    """`why` says what would take the watchdog along; empty when nothing is known to."""

    why: tuple[str, ...]

    @property
    def is_safe(self) -> bool:
        """Would the watchdog outlive the run, as far as can be told?"""
        return not self.why

    def as_json(self) -> dict[str, Any]:
        """As plain data, for a record or a plan."""
        return {"crash_safe": self.is_safe, "why": list(self.why)}


def crash_safety(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> CrashSafety:
    """Look at this process and the system below `root`. Never raises; costs a few file reads (in a unit of systemd: one
    call of systemctl).
    """
    return CrashSafety(tuple(why for find in (_no_pidfd, _container, _unit) for why in find(root, environment)))


def _no_pidfd(root: Path, environment: Mapping[str, str]) -> Iterator[str]:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError) as error:
        yield f"this system has no pidfd ({error}), so the watchdog could not see the run's death"


def _container(root: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """A pid namespace ends with its pid 1 (`man 7 pid_namespaces`); in a container that is its main program."""
    name = _text(root / "proc/1/comm")
    if not name or name in _INITS:
        return
    chain = list(_ancestors(root, os.getpid()))
    if os.getpid() == 1:
        yield "this run is the main process of a container (pid 1), and the watchdog ends with it"
    elif 1 in chain:
        yield f"a container's main process (pid 1: {name}) stands above this run; when it ends, the watchdog ends too"


def _ancestors(root: Path, pid: int) -> Iterator[int]:
    while pid > 0:
        yield pid
        fields = _text(root / f"proc/{pid}/stat").rpartition(")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0


def _unit(root: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """What systemd, or logind for a login, ends whole (`man 5 systemd.kill`, `man 5 logind.conf`)."""
    name = next((part for part in reversed(_cgroup(root).split("/")) if part.endswith((".service", ".scope"))), "")
    if name.startswith("session-") and name.endswith(".scope"):
        if _kills_user_processes(root):
            yield "logind ends every process of a login with it (KillUserProcesses=yes), the watchdog too"
    elif name.endswith(".service") and not name.startswith("user@"):
        mode = _kill_mode(name, is_user="/user@" in _cgroup(root))
        if mode in ("control-group", "mixed"):
            yield f"systemd stops all of {name} with the run (KillMode={mode}), the watchdog too"
    elif name.endswith(".scope") and not name.startswith("init."):
        yield f"systemd stops all of {name} at once, the watchdog too"


def _cgroup(root: Path) -> str:
    """Where we are in systemd's tree: its own line of version 1, or the one of version 2 (`man 7 cgroups`)."""
    found = {}
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        found[controllers] = path
    return found.get("name=systemd") or found.get("") or ""


def _kill_mode(unit: str, *, is_user: bool) -> str:
    command = ["systemctl", *(["--user"] if is_user else []), "show", "--property=KillMode", "--value", unit]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=2, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    return said or "control-group"  # systemd's own default


def _kills_user_processes(root: Path) -> bool:
    """As logind reads it: its file, then the snippets of every folder in the order of their names; the last word
    counts."""
    snippets: dict[str, Path] = {}
    for place in ("usr/lib", "run", "etc"):
        snippets |= {one.name: one for one in (root / place / "systemd/logind.conf.d").glob("*.conf")}
    said = "no"
    for file in [root / "etc/systemd/logind.conf", *(snippets[name] for name in sorted(snippets))]:
        for line in _text(file).splitlines():
            name, mark, value = line.partition("=")
            if mark and name.strip() == "KillUserProcesses":
                said = value.strip().lower()
    return said in ("yes", "true", "1", "on")


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
