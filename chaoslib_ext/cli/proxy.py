"""`chaos proxy`: serve a Toxiproxy, and see and change the proxies of any."""

import sys
from shlex import quote

import click

from ._despite_freeze import despite_freeze_option, refuse_if_frozen
from ._errors import ExtGroup
from ._proxy_completion import proxy_names
from ._proxy_options import (
    client_of,
    example,
    many,
    proxy_argument,
    proxy_in_words,
    server_options,
    state_word,
    toxic_in_words,
)
from ._say import say, say_json
from ._table import print_table
from ._wide import warn_of_wide
from .proxy_populate import populate
from .proxy_serve import serve
from .proxy_toxic import parse_toxic, toxic

__all__ = ["proxy"]


@click.group(cls=ExtGroup, epilog=example("chaos proxy serve", "chaos proxy list"))
def proxy() -> None:
    """Serve or steer a Toxiproxy server."""


proxy.add_command(serve)
proxy.add_command(toxic)
proxy.add_command(populate)


@proxy.command("list", epilog=example("chaos proxy list", "chaos proxy list | grep disabled"))
@server_options
def list_(url: str | None, as_json: bool) -> None:
    """List the proxies of a server."""
    client = client_of(url)
    proxies = sorted(client.proxies().values(), key=lambda one: one.name)
    if as_json:
        say_json([one.as_json() for one in proxies])
    elif not proxies:
        say(f"No proxies on {client.url}. Create one: chaos proxy create web -u 127.0.0.1:80", err=True)
    else:
        rows = [
            [p.name, p.listen, p.upstream, state_word(p), ",".join(t.name for t in p.toxics) or "-"] for p in proxies
        ]
        print_table(["NAME", "LISTEN", "UPSTREAM", "STATE", "TOXICS"], rows)


@proxy.command(epilog=example("chaos proxy show web"))
@proxy_argument
@server_options
def show(name: str, url: str | None, as_json: bool) -> None:
    """Show one proxy with its toxics."""
    seen = client_of(url).proxy(name)
    if as_json:
        say_json(seen.as_json())
        return
    say(proxy_in_words(seen))
    if seen.toxics:
        print_table(["TOXIC", "WHAT IT DOES"], [[one.name, toxic_in_words(one)] for one in seen.toxics])


@proxy.command(
    epilog=example(
        "chaos proxy create web -l 127.0.0.1:8080 -u 127.0.0.1:80",
        "chaos proxy create web -u 127.0.0.1:80 --toxic latency:latency=400,jitter=50",
    )
)
@click.argument("name", metavar="NAME")
@click.option("-l", "--listen", metavar="HOST:PORT", help="Where clients connect; without it a free port of 127.0.0.1.")
@click.option("-u", "--upstream", required=True, metavar="HOST:PORT", help="Where the real service is.")
@click.option("--disabled", is_flag=True, help="Create it without listening yet; `chaos proxy toggle` starts it.")
@click.option(
    "--toxic",
    "toxics",
    multiple=True,
    metavar="TYPE:KEY=NUMBER,...",
    help="A toxic to come with it; also stream=upstream, toxicity=0.5, name=..., seed=... Repeatable.",
)
@despite_freeze_option
@server_options
def create(
    name: str,
    listen: str | None,
    upstream: str,
    disabled: bool,
    toxics: tuple[str, ...],
    insists: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Create a proxy."""
    from chaoslib_ext.proxy.address import host_port

    there = host_port(upstream, source="--upstream")
    wanted = [parse_toxic(text) for text in toxics]
    client = client_of(url)
    if disabled or wanted:
        how = " and ".join([*(["disabled"] if disabled else []), *(["with toxics"] if wanted else [])])
        refuse_if_frozen(f"creating the proxy {name} {how}", insists, client)
    made = client.create(name, there, listen, enabled=not disabled, toxics=wanted)
    warn_of_wide([(name, listen or made.listen)])
    if as_json:
        say_json(made.as_json())
    elif disabled:
        say(f"Created {proxy_in_words(made)}. It listens once you `chaos proxy toggle {quote(name)}`.")
    else:
        say(f"Created {proxy_in_words(made)}. Point the client at {made.listen}.")


@proxy.command(epilog=example("chaos proxy delete web", "chaos proxy delete web db"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=proxy_names)
@server_options
def delete(names: tuple[str, ...], url: str | None, as_json: bool) -> None:
    """Delete proxies. Their open connections drop, and toxics that other people put on them are gone too."""
    client = client_of(url)
    names = tuple(dict.fromkeys(names))
    for name in names:
        client.proxy(name)  # all of them are looked up before the first is touched
    for name in names:
        client.delete(name)
    if as_json:
        say_json({"deleted": list(names)})
    else:
        say(f"Deleted {', '.join(names)}.")


@proxy.command(epilog=example("chaos proxy toggle web", "chaos proxy toggle web    # and back"))
@proxy_argument
@despite_freeze_option
@server_options
def toggle(name: str, insists: bool, url: str | None, as_json: bool) -> None:
    """Disable a proxy that is enabled, enable one that is not. Nothing undoes it by itself.

    Under `chaos freeze` it only enables.
    """
    client = client_of(url)
    disables = client.proxy(name).enabled
    if disables:
        refuse_if_frozen(f"disabling the proxy {name}", insists, client)
    now = client.update(name, enabled=not disables)
    if as_json:
        say_json(now.as_json())
    elif now.enabled:
        say(f"Enabled {proxy_in_words(now)}.")
    else:
        say(f"Disabled {proxy_in_words(now)}: it refuses connections until `chaos proxy toggle {quote(name)}`.")


@proxy.command(epilog=example("chaos proxy reset", "chaos proxy reset --yes"))
@click.option("--yes", is_flag=True, help="Don't ask.")
@server_options
def reset(yes: bool, url: str | None, as_json: bool) -> None:
    """Enable every proxy and remove every toxic, those of other people and of running experiments too.

    To take back only what a run of yours left, use `chaos undo`.
    """
    client = client_of(url)
    before = client.proxies().values()
    toxics = sum(len(one.toxics) for one in before)
    disabled = sum(not one.enabled for one in before)
    those = f"{many(toxics, 'toxic')} removed, {many(disabled, 'proxy', 'proxies')} enabled"
    _confirm(yes, f"Reset {client.url} ({those}), whoever put them there?")
    client.reset()
    if as_json:
        say_json({"removed_toxics": toxics, "enabled_proxies": disabled})
    else:
        say(f"Reset {client.url}: {those}.")


def _confirm(yes: bool, question: str) -> None:
    from chaoslib_ext.errors import BadInput

    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"{question} Nothing was touched: there is nobody to ask here; say --yes if you mean it")
    click.confirm(question, abort=True, err=True)
