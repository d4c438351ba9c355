"""`chaos doctor`: what is wrong here, and the command that mends it."""

from typing import TYPE_CHECKING

import click

from ._aftermath import finish_what_is_left
from ._errors import ExtCommand
from ._say import say, say_json, styled

if TYPE_CHECKING:
    from chaoslib_ext.doctor.finding import Finding
    from chaoslib_ext.faults.leftovers import Undone

__all__ = ["doctor"]

_SIGNS = {"ok": ("✓", "green"), "wrong": ("✗", "red"), "note": ("·", "yellow")}


@click.command(cls=ExtCommand)
@click.option("--only-look", is_flag=True, help="Don't finish what dead runs left either.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, only_look: bool, as_json: bool) -> None:
    """Look for what is wrong on this machine, and say how to mend it.

    Faults that dead runs left, by name on every known server; undo logs, records, folders and servers that are not as
    they should be; folders of yours that hide our probes or actions; whether runs are recorded and guarded. It changes
    nothing, but for one thing: what a run left that is dead and forsaken (the machine went down) is shown, then undone.

    \b
    Example:
      chaos doctor
      chaos doctor --only-look --json

    Exit code: 0 nothing is wrong, 1 something is, or was.
    """
    from chaoslib_ext.doctor.look import look

    findings = look(*_controls(ctx))
    if as_json:
        finished = [] if only_look else finish_what_is_left()
        found = [one.as_json() for one in findings]
        is_well = _is_well(findings, finished)
        told = {"schema_version": 1, "ok": is_well, "findings": found, "finished": [one.as_json() for one in finished]}
        say_json(told)
    else:
        for one in sorted(findings, key=lambda one: ("wrong", "note", "ok").index(one.state)):
            _tell(one)
        is_well = _is_well(findings, [] if only_look else finish_what_is_left())
    ctx.exit(0 if is_well else 1)


def _is_well(findings: "list[Finding]", finished: "list[Undone]") -> bool:
    return all(one.state != "wrong" for one in findings) and all(one.is_clean for one in finished)


def _controls(ctx: click.Context) -> tuple[dict[str, str] | None, str]:
    """Name and module of each control in the settings (None: they cannot be read), and where those are."""
    from chaoslib_ext.errors import BadFile

    from ._settings import Settings, settings_path

    path = settings_path(ctx)
    try:
        return Settings.read(path).modules, str(path)
    except BadFile:
        return None, str(path)


def _tell(one: "Finding") -> None:
    sign, colour = _SIGNS[one.state]
    say(one.says, head=styled(sign, fg=colour) + " ")
    if one.fix:
        say(f"    fix: {one.fix}")
