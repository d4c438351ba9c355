"""What the host loads on every `chaos` call: names, one line of help each, and the doors. Nothing else, ever.

A new command is one line in `COMMANDS`, one entry point in pyproject.toml and one file beside this one.
"""

from chaoslib_ext._doors import keep_open

from ._lazy import LazyCommand
from ._log_file import spare_log_file

__all__ = [
    "COMMANDS",
    "disable",
    "enable",
    "freeze",
    "journal",
    "lab",
    "link",
    "live",
    "proxy",
    "selftest",
    "thaw",
    "undo",
]

COMMANDS: dict[str, tuple[str, str, str]] = {
    "disable": ("chaoslib_ext.cli.enable", "disable", "Stop recording and guarding every run."),
    "enable": ("chaoslib_ext.cli.enable", "enable", "Record and guard every run from now on."),
    "freeze": ("chaoslib_ext.cli.freeze", "freeze", "Stop and undo every run, and let no fault in."),
    "journal": ("chaoslib_ext.cli.journal", "journal", "List, show and verify the records of runs."),
    "lab": ("chaoslib_ext.cli.lab", "lab", "A small real shop to break: bring it up, harden it, take it down."),
    "link": ("chaoslib_ext.cli.link", "link", "List, add, remove and check the links that can be hurt."),
    "live": ("chaoslib_ext.cli.live", "live", "Say which faults are on right now."),
    "proxy": ("chaoslib_ext.cli.proxy", "proxy", "Serve or steer a Toxiproxy server."),
    "selftest": (
        "chaoslib_ext.cli.selftest",
        "selftest",
        "End runs at every step, and see that nothing is left.",
    ),
    "thaw": ("chaoslib_ext.cli.freeze", "thaw", "Let faults in again after `chaos freeze`."),
    "undo": ("chaoslib_ext.cli.undo", "undo", "Undo faults that runs left behind, and check that they are gone."),
}
"""Command -> module, name in it, one line of help (a test holds it against the command's own)."""


def _lazy(name: str) -> LazyCommand:
    return LazyCommand(name, *COMMANDS[name])


keep_open()
spare_log_file()

disable = _lazy("disable")
enable = _lazy("enable")
freeze = _lazy("freeze")
journal = _lazy("journal")
lab = _lazy("lab")
link = _lazy("link")
live = _lazy("live")
proxy = _lazy("proxy")
selftest = _lazy("selftest")
thaw = _lazy("thaw")
undo = _lazy("undo")
