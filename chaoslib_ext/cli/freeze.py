"""`chaos freeze` and `chaos thaw`: no more chaos until somebody says so, and what runs is stopped and undone."""

import json
from typing import TYPE_CHECKING, Any

import click

from chaoslib_ext.errors import BadFile

from ._errors import ExtCommand, say_error
from ._moments import moment

if TYPE_CHECKING:
    from chaoslib_ext.faults.stop import Stopped
    from chaoslib_ext.safety.freeze import Freeze

__all__ = ["freeze", "thaw"]

_FAILED = 6

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=ExtCommand)
@click.option("--why", required=True, metavar="TEXT", help="The reason; it is told to everybody who is refused.")
@click.option(
    "--until", metavar="TIME", help="Thaw by itself then: 18:30, or 2026-11-24T18:30 (in your zone, or +01:00)."
)
@_json
def freeze(why: str, until: str | None, as_json: bool) -> None:
    """Stop and undo every run, and let no fault in.

    Holds for the runs of this user on this machine (one state folder), until `chaos thaw` or --until. Each run that is
    under way is asked to end, as by Ctrl-C, and has 5 seconds to undo itself; what is left then is undone from here.
    `chaos undo` works under a freeze too.

    \b
    Example:
      chaos freeze --why "checkout is down, all hands"
      chaos freeze --why "sale" --until 18:30

    Exit code: 0 frozen and nothing of those runs is left, 1 it could not be frozen, 6 something could not be undone.
    """
    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.faults.stop import stop_all
    from chaoslib_ext.safety import freeze as ice
    from chaoslib_ext.undo.owner import person

    if not why.strip():
        raise click.UsageError("--why: say why, for those who are refused.")
    end = moment(until, SYSTEM.wall(), "--until") if until is not None else None
    frozen, earlier, trouble = None, None, None
    try:
        frozen, earlier = ice.put(" ".join(why.split()), person(), end)
    except BadFile as error:  # what runs is stopped all the same
        trouble = error
    if frozen and not as_json:
        _tell_frozen(frozen, earlier)
    began = SYSTEM.monotonic()
    stopped, unreadable = stop_all()
    seconds = SYSTEM.monotonic() - began
    if as_json:
        click.echo(json.dumps(_as_json(frozen, trouble, stopped, unreadable, seconds), indent=2))
    else:
        _tell_stopped(stopped, seconds)
    for problem in unreadable:
        click.echo(problem, err=True)
    if trouble:
        say_error(str(trouble))
        raise click.exceptions.Exit(1)
    if unreadable or not all(one.is_clean for one in stopped):
        raise click.exceptions.Exit(_FAILED)


@click.command(cls=ExtCommand)
@_json
def thaw(as_json: bool) -> None:
    """Let faults in again after `chaos freeze`.

    \b
    Example:
      chaos thaw
    """
    from chaoslib_ext.safety import freeze as ice

    lifted, was = ice.lift()
    if as_json:
        told = lifted.model_dump(mode="json") if lifted else None
        click.echo(json.dumps({"schema_version": 1, "was_frozen": was, "freeze": told}, indent=2))
    elif lifted:
        click.echo(f"Thawed. It was frozen {lifted.says}")
    else:
        click.echo("Thawed. The freeze file could not be read." if was else "It was not frozen.")


def _tell_frozen(frozen: "Freeze", earlier: str | None) -> None:
    click.echo(f"Frozen {frozen.says}")
    if earlier:
        click.echo(f"  It was frozen before: {earlier}")
    click.echo("  No fault goes in until: chaos thaw")


def _tell_stopped(stopped: "list[Stopped]", seconds: float) -> None:
    for one in stopped:
        head = one.header
        click.echo(
            f"{'Stopped' if one.ended else 'Still running'}: run {head.run}{f' {head.title!r}' if head.title else ''}"
            f", process {head.owner.pid}"
        )
        for result in one.results:
            mark = "✗ failed" if result.status == "failed" else f"✓ {result.status}, read back"
            click.echo(f"  {mark}: {result.says}")
            if result.status == "failed":
                click.echo(f"    {result.error}\n    type: {result.by_hand}")
        if one.problem:
            click.echo(f"  ✗ {one.problem}")
        if not one.ended:
            click.echo(f"  It did not end within 5 s, and can put nothing in; to end it: kill -9 {head.owner.pid}")
    if not stopped:
        click.echo("No run was under way.")
    elif all(one.is_clean for one in stopped):
        click.echo(f"Nothing of {'it' if len(stopped) == 1 else 'them'} is left, after {seconds:.1f} s.")


def _as_json(
    frozen: "Freeze | None", trouble: BadFile | None, stopped: "list[Stopped]", unreadable: list[str], seconds: float
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "freeze": frozen.model_dump(mode="json") if frozen else None,
        "problem": str(trouble) if trouble else None,
        "stopped": [one.as_json() for one in stopped],
        "seconds": round(seconds, 3),
        "unreadable": unreadable,
    }
