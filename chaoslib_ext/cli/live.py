"""`chaos live`: was it us? Which faults are on right now, or were at a time."""

from typing import TYPE_CHECKING, Any

import click

from ._aftermath import finish_what_is_left
from ._errors import ExtCommand
from ._moments import passed
from ._say import say, say_json

if TYPE_CHECKING:
    from chaoslib_ext.faults.history import Past
    from chaoslib_ext.faults.live import Live
    from chaoslib_ext.safety import despite_freeze

__all__ = ["live"]

_FAILED = 6


@click.command(cls=ExtCommand)
@click.option(
    "--at",
    metavar="TIME",
    help="What was on then: 03:12, or 2026-11-24T03:12 (in your zone, or +01:00); of two readings the last "
    "that has passed.",
)
@click.option("--service", metavar="NAME", help="Only links of this service, as links.yaml has it.")
@click.option("--only-look", is_flag=True, help="Don't finish what dead runs left either.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def live(at: str | None, service: str | None, only_look: bool, as_json: bool) -> None:
    """Say which faults are on right now, or were at a time.

    Since when, on what, by whom, until when, and whether their runner still lives: from the undo logs of this user on
    this machine, and from what the servers that are known here show, made by hand or not; with --at from the records of
    runs, with the numbers of the events that say so. Touches nothing of a run that lives, or whose watchdog is at it.
    What a run left that is dead and forsaken (the machine went down) is shown, then undone.

    \b
    Example:
      chaos live
      chaos live --at 03:12 --service checkout
      chaos live --only-look --json

    Exit code: 0, also when faults are on; 6 if something that a run left could not be undone, or the undo could not be
    written down (a disk that hangs).
    """
    meant = _proxies(service) if service is not None else None
    if at is None:
        _now(meant, only_look, as_json)
    else:
        _then(at, meant, as_json)


def _proxies(service: str) -> list[str]:
    from chaoslib_ext.links.known import expanded

    return expanded([f"service:{service}"])


def _now(meant: "list[str] | None", only_look: bool, as_json: bool) -> None:
    from chaoslib_ext.faults.live import frozen as why_frozen
    from chaoslib_ext.faults.live import live as found
    from chaoslib_ext.safety import despite_freeze

    faults, problems = found()
    faults = [one for one in faults if meant is None or one.proxy in meant]
    frozen, since = why_frozen()
    insisted, unreadable = despite_freeze.since(since) if frozen else ([], [])
    problems += unreadable
    if as_json:
        finished = [] if only_look else finish_what_is_left()
        told = {**_json(faults, problems, frozen), "despite_freeze": [one.as_json() for one in insisted]}
        say_json({**told, "finished": [one.as_json() for one in finished]})
    else:
        _show(faults, problems, frozen, insisted)
        finished = [] if only_look else finish_what_is_left()
    if not all(one.is_clean for one in finished):
        raise click.exceptions.Exit(_FAILED)


def _show(
    faults: "list[Live]", problems: list[str], frozen: str | None, insisted: "list[despite_freeze.Insistence]"
) -> None:
    for one in faults:
        _tell(one)
    if not faults:
        say("Nothing is on." if not problems else "Nothing is on, as far as can be told.")
    else:
        say(f"{_counted(len(faults))} on. {_next(faults)}")
    if frozen:
        say(f"No fault may go in: {frozen}")
    for done in insisted:
        say(f"Despite the freeze: {done.says}")
    for problem in problems:
        say(problem, err=True)


def _then(at: str, meant: "list[str] | None", as_json: bool) -> None:
    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.faults.history import on_at
    from chaoslib_ext.reports.words import moment

    when = passed(at, SYSTEM.wall(), "--at")
    found, problems = on_at(when, meant)
    if as_json:
        told = {"schema_version": 1, "at": when.isoformat(), "faults": [one.as_json() for one in found]}
        say_json({**told, "unreadable": problems})
        return
    count = "nothing was" if not found else "1 fault was" if len(found) == 1 else f"{len(found)} faults were"
    say(f"{moment(when.isoformat(), with_day=True)}: {count} on{' (as far as can be told)' if problems else ''}.")
    for one in found:
        _tell_past(one)
    for problem in problems:
        say(problem, err=True)


def _tell_past(one: "Past") -> None:
    from chaoslib_ext.reports.words import moment

    until = moment(one.until) if one.until else "still on, as far as is known"
    what = f" ({', '.join(f'{name} {value:g}' for name, value in one.what.items())})" if one.what else ""
    lines = ", ".join(map(str, one.events))
    proof = f"events {lines}: chaos journal show {one.run} --events" if lines else "no record; from its undo log"
    say(f"  {moment(one.since)} to {until}   {one.fault}{what} on {one.proxy} ({one.server})")
    say(f"    by {one.by or 'unknown'}, run {one.run}{f' {one.title!r}' if one.title else ''}   ({proof})")


def _json(faults: "list[Live]", problems: list[str], frozen: str | None) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "faults": [one.as_json() for one in faults],
        "frozen": frozen,
        "unreadable": problems,
    }


def _next(faults: "list[Live]") -> str:
    if not any(one.where for one in faults):
        return "No run of yours made it; the line `undo` takes it out."
    return "To stop what runs: chaos freeze --why '...'; to undo what your runs did: chaos undo --all"


def _counted(number: int) -> str:
    return "1 fault is" if number == 1 else f"{number} faults are"


def _tell(one: "Live") -> None:
    from chaoslib_ext.reports.words import moment

    say(f"{one.fault} on {one.proxy} ({one.server}){f': {one.what}' if one.what else ''}")
    say(f"  since   {moment(one.since, with_day=True) if one.since else 'unknown: no undo log of it lies here'}")
    say(f"  until   {moment(one.until, with_day=True) if one.until else _end(one)}")
    say(f"  by      {one.by or 'unknown'}, {_maker(one)}")
    if one.seen is False:
        say("  but     the server does not show it any more")
    say(f"  undo    {f'chaos undo --run {one.run}' if one.where else one.by_hand}")


def _end(one: "Live") -> str:
    return "its run ends" if one.run else "somebody takes it out"


def _maker(one: "Live") -> str:
    if not one.run:
        return "of no run that is known here: made by hand, or by another program"
    return f"run {one.run}{f' {one.title!r}' if one.title else ''}, {_runner(one)}"


def _runner(one: "Live") -> str:
    if not one.where:
        return "of another machine, user or state folder"
    if one.alive is None:
        return f"{one.where}; whether it still runs cannot be told from here"
    state = f"running ({one.where})" if one.alive else "its process is dead"
    return f"{state}, its watchdog was stopped or is dead" if one.watched is False else state
