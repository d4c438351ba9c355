"""`chaos freeze` and `chaos thaw`: no more chaos until somebody says so, and what runs is stopped and undone."""

from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from chaoslib_ext.errors import BadFile, ExtError, ProxyError

from ._aftermath import finish_what_is_left
from ._errors import ExtCommand, say_error
from ._moments import coming
from ._say import say, say_json
from ._why import WHY

if TYPE_CHECKING:
    from datetime import datetime

    from chaoslib_ext.faults.leftovers import Leftover
    from chaoslib_ext.faults.stop import Stopped
    from chaoslib_ext.proxy.freeze import Words
    from chaoslib_ext.safety.freeze import Freeze

__all__ = ["freeze", "thaw"]

_FAILED = 6

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=ExtCommand)
@click.option(
    "--why", required=True, type=WHY, metavar="TEXT", help="The reason; it is told to everybody who is refused."
)
@click.option(
    "--until",
    metavar="TIME",
    help="Thaw by itself then: 18:30, or 2026-11-24T18:30 (in your zone, or +01:00); the later reading of a time "
    "that does not exist, or exists twice, where the clocks change.",
)
@click.option(
    "--scope", default="host", show_default=True, metavar="host|URL", help="This host's runs, or one Toxiproxy server."
)
@_json
def freeze(why: str, until: str | None, scope: str, as_json: bool) -> None:
    """Stop and undo every run, and let no fault in.

    Holds for the runs of this user on this machine (one state folder), until `chaos thaw` or --until. Each run that is
    under way is asked to end, as by Ctrl-C, and has 5 seconds to undo itself; then this command undoes what is
    left, of dead runs too. `chaos undo` works under a freeze. Commands that add or disable (`chaos proxy toxic add`,
    `toggle`, `populate`) are refused too, unless --despite-freeze is typed.

    With --scope URL the freeze lies on that Toxiproxy server, as long as it lives, and holds for every host that uses
    it; stopped are the runs of this host with a fault on it.

    \b
    Example:
      chaos freeze --why "checkout is down, all hands"
      chaos freeze --why "sale" --until 18:30
      chaos freeze --why "sale" --scope http://127.0.0.1:8474

    Exit code: 0 frozen and nothing of those runs is left, 1 it could not be frozen, 6 something could not be undone, or
    the undo could not be written down (a disk that hangs).
    """
    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.faults.stop import stop_all

    end = coming(until, SYSTEM.wall(), "--until", latest=True) if until is not None else None
    server = _server(scope)
    frozen, earlier, trouble = _frozen(why, end, server)
    if frozen and not as_json:
        _tell_frozen(frozen, earlier, server)
    began = SYSTEM.monotonic()
    stopped, unreadable = stop_all(on=server)
    seconds = SYSTEM.monotonic() - began
    elsewhere = _elsewhere() if server is None else []
    if not as_json:
        _tell_stopped(stopped, seconds)
    finished = finish_what_is_left()
    if as_json:
        told = _as_json(frozen, trouble, stopped, unreadable, seconds, server)
        say_json({**told, "finished": [one.as_json() for one in finished]})
    for one in [] if as_json else elsewhere:
        _tell_elsewhere(one)
    for problem in unreadable:
        say(problem, err=True)
    if trouble:
        say_error(str(trouble))
        raise click.exceptions.Exit(1)
    is_clean = all(one.is_clean for one in stopped) and all(one.is_clean for one in finished)
    if unreadable or not is_clean:
        raise click.exceptions.Exit(_FAILED)


def _server(scope: str) -> str | None:
    """The server that is meant, by its URL; None for this host. Raises BadInput for what is neither."""
    from chaoslib_ext.proxy.address import base_url

    return None if scope == "host" else base_url(scope, source="--scope (host, or the URL of a Toxiproxy server)")


def _frozen(
    why: str, until: "datetime | None", server: str | None
) -> "tuple[Freeze | None, str | None, ExtError | None]":
    """The freeze that holds now, what an earlier one said, and what kept it from being put: what runs is stopped all
    the same.
    """
    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.safety import freeze as ice
    from chaoslib_ext.undo.owner import person

    if server is None:
        try:
            return *ice.put(why, person(), until), None
        except BadFile as error:
            return None, None, error
    from chaoslib_ext.proxy import freeze as shared
    from chaoslib_ext.proxy.client import Client

    words = shared.Words(since=SYSTEM.wall(), by=person(), why=why, until=until)
    try:
        words, earlier = shared.put(Client(server), words)
    except ProxyError as error:
        return None, None, error
    made = ice.Freeze(since=words.since, by=words.by, why=why, until=words.until)
    return made, f"by {earlier.by}: {earlier.why}" if earlier else None, None


@click.command(cls=ExtCommand)
@click.option(
    "--scope", default="host", show_default=True, metavar="host|URL", help="As it was frozen: this host, or a server."
)
@_json
def thaw(scope: str, as_json: bool) -> None:
    """Let faults in again after `chaos freeze`.

    \b
    Example:
      chaos thaw
      chaos thaw --scope http://127.0.0.1:8474
    """
    from chaoslib_ext.safety import despite_freeze

    server = _server(scope)
    said, lifted, was = _thawed_host() if server is None else _thawed_server(server)
    insisted, problems = despite_freeze.since(lifted.since if lifted else None) if was else ([], [])
    if as_json:
        told = {"schema_version": 1, "scope": scope, "was_frozen": was}
        told["freeze"] = lifted.model_dump(mode="json") if lifted else None
        told["despite_freeze"] = [one.as_json() for one in insisted]
        say_json(told)
    else:
        say(said)
        for one in insisted:
            say(f"  Despite it: {one.says}")
    for problem in problems:
        say(problem, err=True)


def _thawed_host() -> "tuple[str, Freeze | None, bool]":
    """In words, the freeze that held, and whether one did."""
    from chaoslib_ext.safety import freeze as ice

    lifted, was = ice.lift()
    if lifted:
        return f"Thawed. It was frozen {lifted.says}", lifted, was
    return ("Thawed. The freeze file could not be read." if was else "It was not frozen."), None, was


def _thawed_server(server: str) -> "tuple[str, Words | None, bool]":
    """The same for a server. Raises ProxyError when it cannot be asked: then it stays frozen."""
    from chaoslib_ext.proxy import freeze as shared
    from chaoslib_ext.proxy.client import Client

    words = shared.lift(Client(server))
    if words is None:
        return f"{server} was not frozen.", None, False
    return f"Thawed. {server} was frozen by {words.by}: {words.why}", words, True


def _tell_frozen(frozen: "Freeze", earlier: str | None, server: str | None) -> None:
    say(f"Frozen {f'on {server} ' if server else ''}{frozen.says}")
    if earlier:
        say(f"  It was frozen before: {earlier}")
    say(f"  No fault goes in until: chaos thaw{f' --scope {quote(server)}' if server else ''}")


def _tell_stopped(stopped: "list[Stopped]", seconds: float) -> None:
    for one in stopped:
        head = one.header
        say(
            f"{'Stopped' if one.ended else 'Still running'}: run {head.run}{f' {head.title!r}' if head.title else ''}"
            f", {one.where}"
        )
        for result in one.results:
            mark = "✗ failed" if result.status == "failed" else f"✓ {result.status}, read back"
            say(f"  {mark}: {result.says}")
            if result.status == "failed":
                say(f"    {result.error}")
                say(f"    type: {result.by_hand}")
        if one.problem:
            say(f"  ✗ {one.problem}")
        if not one.ended:
            say(f"  {_not_ended(one)}")
    if not stopped:
        say("No run was under way.")
    elif all(one.is_clean for one in stopped):
        say(f"Nothing of {'it' if len(stopped) == 1 else 'them'} is left, after {seconds:.1f} s.")


def _not_ended(one: "Stopped") -> str:
    if one.pid is None:
        return "It cannot be asked from here, and can put nothing in; to end it, stop its container"
    return f"It did not end within 5 s, and can put nothing in; to end it: kill -9 {one.pid}"


def _elsewhere() -> "list[Leftover]":
    """Runs that share the state folder, and that nothing typed here ends."""
    from chaoslib_ext.faults.leftovers import leftovers

    try:
        return [one for one in leftovers()[0] if one.is_elsewhere]
    except ExtError:  # it hangs: what that means is said of the runs that were undone
        return []


def _tell_elsewhere(one: "Leftover") -> None:
    head = one.header
    say(f"Not stopped from here: run {head.run}{f' {head.title!r}' if head.title else ''}, {one.where}")
    say(f"  It can put nothing in. To undo what it did: chaos undo --run {quote(head.run)}")


def _as_json(
    frozen: "Freeze | None",
    trouble: ExtError | None,
    stopped: "list[Stopped]",
    unreadable: list[str],
    seconds: float,
    server: str | None,
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "scope": server or "host",
        "freeze": frozen.model_dump(mode="json") if frozen else None,
        "problem": str(trouble) if trouble else None,
        "stopped": [one.as_json() for one in stopped],
        "seconds": round(seconds, 3),
        "unreadable": unreadable,
    }
