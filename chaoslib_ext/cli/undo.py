"""`chaos undo`: by hand, from any folder, what the watchdog does by itself: take back what runs left behind."""

from typing import TYPE_CHECKING, Any

import click

from ._errors import ExtCommand
from ._say import say, say_json, say_made

if TYPE_CHECKING:
    from chaoslib_ext.faults.leftovers import Leftover, Undone

__all__ = ["undo"]

_FAILED = 6


@click.command(cls=ExtCommand)
@click.option("--all", "everything", is_flag=True, help="Undo the faults of every run, also of those still running.")
@click.option("--run", "prefix", metavar="ID", help="Undo the faults of this run; the beginning of its id is enough.")
@click.option("--install-service", "install", is_flag=True, help="Have it done at boot: a systemd user unit.")
@click.option("--uninstall-service", "uninstall", is_flag=True, help="Take that unit away again.")
@click.option("--print", "show", is_flag=True, help="Print that unit, and install nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def undo(everything: bool, prefix: str | None, install: bool, uninstall: bool, show: bool, as_json: bool) -> None:
    """Undo faults that runs left behind, and check that they are gone.

    Without --all or --run: list what would be undone, and touch nothing. The runs are those of this user on this
    machine, wherever they were started. A run that is alive goes on, but without its faults.

    \b
    Example:
      chaos undo              # what is open?
      chaos undo --run 7f3a   # this run only
      chaos undo --all        # at three in the morning
      chaos undo --install-service   # after each reboot, by itself

    Exit code: 0 nothing is left (or only listed), 6 something could not be undone (the commands to type are printed),
    or the undo could not be written down (a disk that hangs).
    """
    from chaoslib_ext.faults.leftovers import close_done, leftovers, undone

    if everything and prefix is not None:
        raise click.UsageError("--all and --run exclude each other.")
    if install or uninstall or show:
        if [install, uninstall, show, everything, prefix is not None, as_json].count(True) > 1:
            raise click.UsageError("a unit is installed, taken away or printed, and nothing else with it.")
        _service("install" if install else "uninstall" if uninstall else "print")
        return
    if prefix is not None and not prefix.strip():
        raise click.UsageError("--run: give an id; `chaos undo` lists the runs that left something, --all undoes all.")
    found, unreadable = leftovers(prefix)
    done = [undone(one) for one in found] if everything or prefix is not None else None
    if everything:
        close_done()
    if as_json:
        say_json(_json(found, done, unreadable))
    elif done is None:
        _list(found)
    else:
        _tell(done)
    for problem in unreadable:
        say(problem, err=True)
    if not (found or unreadable or as_json):
        say("Nothing to undo: no run of yours on this machine has left a fault.")
    if unreadable or any(not one.is_clean for one in done or []):
        raise click.exceptions.Exit(_FAILED)


def _service(what: str) -> None:
    from chaoslib_ext.faults import service

    if what == "print":
        say_made(service.unit())
    elif what == "uninstall":
        gone = service.uninstall()
        say(f"Removed {gone}" if gone else "There was no such unit of yours.")
    else:
        done = service.install()
        say(f"Installed {done.path}: `chaos undo --all` at each start of your user's services.")
        if done.lingers:
            say("They start at boot, for you linger (loginctl).")
        else:
            say("They start when you log in, not at boot, until you type once: loginctl enable-linger")


def _json(found: "list[Leftover]", done: "list[Undone] | None", unreadable: list[str]) -> dict[str, Any]:
    runs = [one.as_json() for one in (found if done is None else done)]
    return {"schema_version": 1, "undone": done is not None, "runs": runs, "unreadable": unreadable}


def _list(found: "list[Leftover]") -> None:
    for one in found:
        say(_head(one))
        for intent in reversed(one.intents):
            say(f"  would {intent.says}")
    if found:
        which = found[0].header.run if len(found) == 1 else "ID"
        say(f"Nothing was touched. To undo: chaos undo --all, or chaos undo --run {which}")


def _tell(done: "list[Undone]") -> None:
    for one in done:
        say(_head(one.leftover))
        for result in one.results:
            mark = "✗ failed" if result.status == "failed" else f"✓ {result.status}, read back"
            say(f"  {mark}: {result.says} ({result.seconds:.1f} s)")
            if result.status == "failed":
                say(f"    {result.error}")
                say(f"    type: {result.by_hand}")
        if one.problem:
            say(f"  ✗ {one.problem}")
        if not one.results and one.is_clean:
            say("  ✓ already undone by another process")


def _head(one: "Leftover") -> str:
    from chaoslib_ext.reports.words import moment

    state = f"still running ({one.where})" if one.is_alive else one.where
    state += ", without a watchdog that goes on" if not one.is_elsewhere and one.is_unwatched else ""
    title = f" {one.header.title!r}" if one.header.title else ""
    return f"Run {one.header.run}{title}, {state}, started {moment(one.header.started, with_day=True)}"
