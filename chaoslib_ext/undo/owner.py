"""Who owns a run: a process told by its pid, the moment it started and the boot it belongs to, so pids may be reused.

That is for people, and to see its death. Whether a run is alive is told by a lock (`presence.py`): a pid means nothing
in another container.
"""

import hashlib
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from chaoslib_ext.clock import boot_id
from chaoslib_ext.processes import is_ending, is_stopped, started_at

__all__ = ["Owner", "machine", "person", "started_at"]


@dataclass(frozen=True)
class Owner:
    """One process, for ever: no later process is equal to it."""

    pid: int
    create_time: float
    boot_id: str

    @classmethod
    def this(cls) -> "Owner":
        """The calling process."""
        pid = os.getpid()
        return cls(pid, started_at(pid) or 0.0, boot_id())

    def is_alive(self) -> bool:
        """Does this very process still run? A zombie does not, nor does a process of another boot."""
        return self.boot_id == boot_id() and started_at(self.pid) == self.create_time

    def is_ending(self) -> bool:
        """True if this very process was killed or has ended, and only waits for a disk that hangs."""
        return self.boot_id == boot_id() and is_ending(self.pid, self.create_time)

    def goes_on(self) -> bool:
        """Does it live and run on? One that was stopped (SIGSTOP, Ctrl-Z, a debugger) may never do anything again."""
        return self.is_alive() and not self.is_stopped()

    def is_stopped(self) -> bool:
        """Is this very process stopped?"""
        return self.is_alive() and is_stopped(self.pid)


def person() -> str:
    """Who calls, for people to ask: `user@host`; the number of a user whom the system has no name for."""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{platform.node()}"


def machine() -> str:
    """Tells this machine from others that share the state folder, over reboots; empty where it has no id.

    Not the machine's id itself, which is nobody's business (`man 5 machine-id`).
    """
    for file in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            found = Path(file).read_text().strip()
        except OSError:
            continue
        if found:
            return hashlib.sha256(f"chaostoolkit-ext {found}".encode()).hexdigest()[:16]
    return ""
