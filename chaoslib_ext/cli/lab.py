"""`chaos lab`: the shop to break, brought up, looked at, hardened, repaired and taken down."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from chaoslib_ext.errors import BadInput

from ._aftermath import finish_what_is_left
from ._errors import ExtCommand, ExtGroup
from ._say import say, say_json
from ._table import print_table

if TYPE_CHECKING:
    from chaoslib_ext.lab.status import LabStatus

__all__ = ["lab"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def _weaknesses(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from chaoslib_ext.lab.layout import WEAKNESSES

    typed = ctx.params.get("names") or ()
    return [
        CompletionItem(name, help=weakness.missing)
        for name, weakness in WEAKNESSES.items()
        if name.startswith(incomplete) and name not in typed
    ]


@click.group(cls=ExtGroup, short_help="A small real shop to break: bring it up, harden it, take it down.")
def lab() -> None:
    """A small real shop to break: bring it up, harden it, take it down.

    Eight services as processes of their own, with a real PostgreSQL and a real Valkey; every link between them leads
    through a Toxiproxy. All of it listens on 127.0.0.1 only.

    \b
    Example:
      chaos lab up
      chaos run experiments/does-checkout-survive-a-slow-payment-provider.yaml
      chaos lab harden payment-timeout
      chaos lab down
    """


@lab.command(cls=ExtCommand)
@_JSON
def up(as_json: bool) -> None:
    """Bring the lab up, or say that it is up; a broken one is cleaned away first.

    The usual ports are 21872 (storefront) and the next ones, 8474 (Toxiproxy); where one is taken, a free one is
    used, and with CHAOS_LAB_PORTS=free always. Needs: pip install 'chaostoolkit-ext[lab]'.

    \b
    Example:  chaos lab up
    """
    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.lab.up import up as bring_up
    from chaoslib_ext.proxy.credentials import named_server

    finish_what_is_left()
    began = SYSTEM.monotonic()
    with _stoppable(), _told_when_stopped():
        stands = bring_up(_progress(as_json))
    if as_json:
        return say_json(stands.model_dump(mode="json"))
    took = f"{SYSTEM.monotonic() - began:.1f} s"
    say(f"Lab up ({took}): storefront {stands.url}, Toxiproxy {stands.server}")
    if elsewhere := named_server():
        say(f"Mind      TOXIPROXY_URL={elsewhere}: runs use that server, not the lab's, until you unset it", err=True)
    say("Next      chaos run experiments/does-checkout-survive-a-slow-payment-provider.yaml")


@lab.command(cls=ExtCommand)
@_JSON
def down(as_json: bool) -> None:
    """End every process of the lab and remove its files, data and logs included.

    \b
    Example:  chaos lab down
    """
    from chaoslib_ext.lab.down import down as take_down

    finish_what_is_left()
    was = take_down(_progress(as_json))
    if as_json:
        return say_json({"state": "down", "was_up": was})
    say("Lab down: no process and no file of it is left." if was else "No lab was up.")


@lab.command(cls=ExtCommand)
@_JSON
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show how the lab stands: each process asked, each link with what is on it. Exit code 0 only if all is up.

    \b
    Example:  chaos lab status --json
    """
    from chaoslib_ext.lab.status import status as ask

    finish_what_is_left()
    stands = ask()
    if as_json:
        say_json(stands.model_dump(mode="json"))
    else:
        _print_status(stands)
    context.exit(0 if stands.state == "up" else 1)


@lab.command(cls=ExtCommand)
@_JSON
def reset(as_json: bool) -> None:
    """Repair the lab: dead processes started anew, no toxic, no link down, no order, every weakness back.

    \b
    Example:  chaos lab reset
    """
    from chaoslib_ext.lab.repair import reset as repair

    finish_what_is_left()
    with _stoppable():
        stands = repair(_progress(as_json))
    if as_json:
        return say_json(stands.model_dump(mode="json"))
    say(f"Lab reset: storefront {stands.url}, no toxics, no orders, every weakness back.")


@lab.command(cls=ExtCommand)
@_JSON
def purge(as_json: bool) -> None:
    """Take the lab down whatever state it is in, and end processes of labs whose folder was deleted.

    \b
    Example:  chaos lab purge
    """
    from chaoslib_ext.lab.down import purge as take_all

    finish_what_is_left()
    left = take_all(_progress(as_json))
    if as_json:
        return say_json({"state": "down", "orphans_ended": left})
    say(f"Lab purged{f'; {left} processes of deleted labs ended' if left else ''}.")


@lab.command(cls=ExtCommand)
@click.argument("names", metavar="NAME", nargs=-1, shell_complete=_weaknesses)
@click.option("--all", "every", is_flag=True, help="Every weakness.")
@_JSON
def harden(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Cure a weakness of the shop, at once and without a restart. Without a NAME: list them.

    \b
    Example:  chaos lab harden payment-timeout
    """
    _switch("harden", names, every, as_json)


@lab.command(cls=ExtCommand)
@click.argument("names", metavar="NAME", nargs=-1, shell_complete=_weaknesses)
@click.option("--all", "every", is_flag=True, help="Every weakness.")
@_JSON
def soften(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Bring a weakness of the shop back. Without a NAME: list them.

    \b
    Example:  chaos lab soften --all
    """
    _switch("soften", names, every, as_json)


def _switch(way: str, names: tuple[str, ...], every: bool, as_json: bool) -> None:
    from chaoslib_ext.lab import features
    from chaoslib_ext.lab.layout import WEAKNESSES
    from chaoslib_ext.lab.state import lab_dir

    if names and every:
        raise BadInput("give names or --all, not both")
    finish_what_is_left()
    if names or every:
        change: Callable[[Any], tuple[str, ...]] = getattr(features, way)
        on = change(WEAKNESSES if every else names)
    else:
        on = features.hardened(lab_dir())
    if as_json:
        return say_json({"hardened": list(on), "soft": [name for name in WEAKNESSES if name not in on]})
    for name, weakness in WEAKNESSES.items():
        if name in names or not names:
            says = f"hardened: {weakness.cure}" if name in on else f"soft: {weakness.missing}"
            say(f"{name:<{max(map(len, WEAKNESSES))}}  {says}")


def _progress(as_json: bool) -> Callable[[str], None]:
    return lambda text: say(f"  {text}", err=as_json)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP clean up as Ctrl-C does."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _told_when_stopped() -> Iterator[None]:
    """Ctrl-C has cleaned up when it comes by here; look, and say so."""
    try:
        yield
    except KeyboardInterrupt:
        from chaoslib_ext.lab.status import status as ask

        left = ask().state
        say("Stopped; nothing is left." if left == "down" else f"Stopped; the lab is {left}.", err=True)
        raise click.exceptions.Exit(130) from None


def _print_status(stands: "LabStatus") -> None:
    if stands.state == "down":
        return say("No lab is up. Bring it up with: chaos lab up")
    if stands.state == "changing":
        return say("Another chaos lab command is at work; ask again when it is done.")
    parts = [[one.name, str(one.port or "-"), str(one.pid or "-"), one.state] for one in stands.processes]
    links = [
        [one.name, one.listen or "-", one.leads_to, one.state, ", ".join(one.toxics) or "none"] for one in stands.links
    ]
    print_table(["PROCESS", "PORT", "PID", "STATE"], parts)
    say()
    print_table(["LINK", "LISTENS ON", "LEADS TO", "STATE", "TOXICS"], links)
    say()
    since = f", since {stands.started:%Y-%m-%d %H:%M:%S} UTC" if stands.started else ""
    say(f"Lab {stands.state}{since}: storefront {stands.url or '-'}, Toxiproxy {stands.server or '-'}")
    say(f"Hardened: {', '.join(stands.hardened) or 'nothing'}")
    if stands.problem:
        say(f"Problem: {stands.problem}. Repair with: chaos lab reset (or chaos lab up, which starts afresh)")
