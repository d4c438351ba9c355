"""Keeps `chaos` usable where its log file cannot be written: `chaos undo` is typed from any folder.

The host opens `chaostoolkit.log` in the working directory before any command, and dies of it in a folder that one may
not write to. Imports nothing of ours: the host loads this on every `chaos` call.
"""

import os
import sys

__all__ = ["spare_log_file"]


def spare_log_file() -> None:
    """Where the host's own log file cannot be written, none is, unless `--log-file` names another."""
    group = getattr(sys.modules.get("chaostoolkit.commands"), "cli", None)
    for option in getattr(group, "params", ()):
        if option.name == "log_file" and isinstance(option.default, str) and not _is_writable(option.default):
            option.default = os.devnull


def _is_writable(path: str) -> bool:
    try:
        os.getcwd()
    except OSError:  # the folder was deleted under our feet
        return False
    if os.path.lexists(path):
        return os.path.isfile(path) and os.access(path, os.W_OK)
    return os.access(os.path.dirname(path) or ".", os.W_OK | os.X_OK)
