"""What the host loads on every `chaos` call: names, one line of help each, and the doors. Nothing else, ever.

A new command is one line in `COMMANDS`, one entry point in pyproject.toml and one file beside this one.
"""

from chaoslib_ext._doors import keep_open

from ._clean_log import clean_log
from ._lazy import LazyCommand
from ._log_file import spare_log_file
from ._note_run import note_runs

__all__ = [
    "COMMANDS",
    "approve",
    "disable",
    "doctor",
    "enable",
    "freeze",
    "gate",
    "journal",
    "lab",
    "link",
    "lint",
    "live",
    "plan",
    "proxy",
    "selftest",
    "thaw",
    "undo",
]

COMMANDS: dict[str, tuple[str, str, str]] = {
    "approve": ("chaoslib_ext.cli.approve", "approve", "Approve an experiment that another person will run."),
    "disable": ("chaoslib_ext.cli.enable", "disable", "Stop recording and guarding every run."),
    "doctor": ("chaoslib_ext.cli.doctor", "doctor", "Look for what is wrong on this machine, and say how to mend it."),
    "enable": ("chaoslib_ext.cli.enable", "enable", "Record and guard every run from now on."),
    "freeze": ("chaoslib_ext.cli.freeze", "freeze", "Stop and undo every run, and let no fault in."),
    "gate": ("chaoslib_ext.cli.gate", "gate", "Turn the verdict of a run into an exit code, for CI."),
    "journal": ("chaoslib_ext.cli.journal", "journal", "List, show and verify the records of runs."),
    "lab": ("chaoslib_ext.cli.lab", "lab", "A small real shop to break: bring it up, harden it, take it down."),
    "link": ("chaoslib_ext.cli.link", "link", "List, add, remove and check the links that can be hurt."),
    "lint": ("chaoslib_ext.cli.lint", "lint", "List all errors of experiments and policies at once."),
    "live": ("chaoslib_ext.cli.live", "live", "Say which faults are on right now, or were at a time."),
    "plan": ("chaoslib_ext.cli.plan", "plan", "Say what an experiment would do, and touch nothing."),
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
clean_log()
note_runs()

approve = _lazy("approve")
disable = _lazy("disable")
doctor = _lazy("doctor")
enable = _lazy("enable")
freeze = _lazy("freeze")
gate = _lazy("gate")
journal = _lazy("journal")
lab = _lazy("lab")
link = _lazy("link")
lint = _lazy("lint")
live = _lazy("live")
plan = _lazy("plan")
proxy = _lazy("proxy")
selftest = _lazy("selftest")
thaw = _lazy("thaw")
undo = _lazy("undo")
