"""A unit of systemd that finishes at boot what the machine's end has cut off: `chaos undo --all`, once, as this user.

`man 5 systemd.service`, `man 5 systemd.unit`. The unit is enabled as `systemctl --user enable` does it, by a link in
`default.target.wants`, so that no session bus is needed to install it.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chaoslib_ext.errors import BadInput
from chaoslib_ext.folders import state_dir

__all__ = ["NAME", "Installed", "install", "uninstall", "unit"]

NAME = "chaos-undo.service"


@dataclass(frozen=True)
class Installed:
    """Where the unit lies, and whether it runs at boot or only once its user logs in."""

    path: Path
    lingers: bool


def unit() -> str:
    """The unit's text, for this Python and this state folder. Credentials are not in it: it has none."""
    command = [*_chaos(), "--no-version-check", "--no-log-file", "undo", "--all"]
    return f"""# written by: chaos undo --install-service; taken away by: chaos undo --uninstall-service
[Unit]
Description=Undo the faults that chaos runs left behind when this machine went down
Documentation=man:systemd.service(5)

[Service]
Type=oneshot
ExecStart={" ".join(_quoted(word).replace("$", "$$") for word in command)}
Environment={_quoted(f"CHAOS_STATE_DIR={state_dir()}")}
TimeoutStartSec=10min

[Install]
WantedBy=default.target
"""


def install() -> Installed:
    """Write the unit and enable it for the next boot. Raises BadInput when its folder can't be written."""
    path = _folder() / NAME
    link = _link()
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(unit())
        link.unlink(missing_ok=True)
        link.symlink_to(path)
    except OSError as error:
        raise BadInput(
            f"cannot write the unit {path}: {error.strerror}; print it with --print and install it"
        ) from error
    _reload()
    return Installed(path, _lingers())


def uninstall() -> Path | None:
    """Take it away again; its path, or None when it was not there. Raises BadInput when it can't be removed."""
    path = _folder() / NAME
    there = path.exists() or _link().is_symlink()
    try:
        _link().unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"cannot remove the unit {path}: {error.strerror}") from error
    if there:
        _reload()
    return path if there else None


def _chaos() -> list[str]:
    beside = Path(sys.executable).with_name("chaos")
    return [str(beside)] if beside.exists() else [shutil.which("chaos") or "chaos"]


def _folder() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "systemd" / "user"


def _link() -> Path:
    return _folder() / "default.target.wants" / NAME


def _quoted(word: str) -> str:
    """One word of a unit's line: `%` means something there, and blanks part words."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if any(char.isspace() or char in "\"'\\" for char in word) else escaped


def _reload() -> None:
    """Let a running user manager know; at the latest the next boot reads it."""
    try:
        subprocess.run(["systemctl", "--user", "daemon-reload"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        pass


def _lingers() -> bool:
    """Is this user's manager started at boot (`man 1 loginctl`, enable-linger), and not only at a login?"""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return False
    return (Path("/var/lib/systemd/linger") / name).exists()
