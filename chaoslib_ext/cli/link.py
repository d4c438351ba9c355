"""`chaos link`: the links that can be hurt, in `links.yaml` and on the server."""

import os
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from ._errors import ExtGroup
from ._proxy_options import client_of, example, print_json, server_options, toxic_in_words
from ._table import print_table
from .link_check import check

if TYPE_CHECKING:
    from chaoslib_ext.links.file import Link
    from chaoslib_ext.proxy.client import ProxyState

__all__ = ["link"]


@click.group(cls=ExtGroup, epilog=example("chaos link add --from-env DATABASE_URL", "chaos link list"))
def link() -> None:
    """List, add, remove and check the links that can be hurt."""


link.add_command(check)


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from chaoslib_ext.links.known import files

    try:
        return [CompletionItem(one.name) for it in files().values() for one in it if one.name.startswith(incomplete)]
    except Exception:  # a prompt is no place for it; the command says it when it is run
        return []


@link.command("list", epilog=example("chaos link list", "chaos link list --json"))
@server_options
def list_(url: str | None, as_json: bool) -> None:
    """List the links of links.yaml and of the lab, and how each stands on the server."""
    from chaoslib_ext.links.known import files, own_file

    known = [one for links in files().values() for one in links]
    proxies = client_of(url).proxies() if known else {}
    if as_json:
        print_json([{**one.as_json(), "state": _state(one, proxies)} for one in known])
    elif not known:
        click.echo(f"No links in {own_file()}. Add one: chaos link add NAME --upstream host:port", err=True)
    else:
        head = ["NAME", "LISTEN", "UPSTREAM", "TAGS", "SERVICE", "STATE"]
        rows = [
            [one.name, one.listen, one.upstream, ",".join(one.tags) or "-", one.service or "-", _state(one, proxies)]
            for one in known
        ]
        print_table(head, rows)


def _state(one: "Link", proxies: "dict[str, ProxyState]") -> str:
    there = proxies.get(one.name)
    if there is None:
        return "missing"
    if there.upstream != one.upstream:
        return f"other upstream: {there.upstream}"
    if not there.enabled:
        return "down"
    return "; ".join(toxic_in_words(toxic) for toxic in there.toxics) or "on the server"


@link.command(epilog=example("chaos link add --from-env DATABASE_URL", "chaos link add api --upstream 10.0.0.7:443"))
@click.argument("name", required=False, metavar="[NAME]")
@click.option("-u", "--upstream", metavar="HOST:PORT", help="Where the real service is.")
@click.option("-l", "--listen", metavar="HOST:PORT", help="Where clients connect; else a free port from 26001 on.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="What kind of link, such as database. Repeatable.")
@click.option("--service", metavar="WORD", help="Who stands behind it.")
@click.option("--from-env", "variable", metavar="VARIABLE", help="Take the upstream from a URL in this variable.")
@server_options
def add(
    name: str | None,
    upstream: str | None,
    listen: str | None,
    tags: tuple[str, ...],
    service: str | None,
    variable: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Add a link: its proxy on the server, and its lines in links.yaml."""
    from chaoslib_ext.errors import BadInput
    from chaoslib_ext.links.file import Link
    from chaoslib_ext.links.url import line_for, places

    if bool(upstream) == bool(variable):
        raise BadInput("say where it leads: --upstream host:port, or --from-env VARIABLE")
    if variable is None and not name:
        raise BadInput("the link needs a name: chaos link add NAME --upstream host:port")
    value = os.environ.get(variable, "") if variable else ""
    if variable and not value:
        raise BadInput(f"{variable} is not set here; export it first, or name the service with --upstream host:port")
    found = places(value, source=variable) if variable else []
    line_for(str(variable), value, [(one, "127.0.0.1:1") for one in found])  # refused before anything is touched
    if listen and len(found) > 1:
        raise BadInput(f"{variable} names {len(found)} hosts: leave --listen out, each gets a port of its own")
    ups = [one.upstream for one in found] or [str(upstream)]
    stem = name or str(variable).lower().removesuffix("_url").removesuffix("_uri").replace("_", "-")
    names = [stem] if len(ups) == 1 else [f"{stem}-{number}" for number in range(1, len(ups) + 1)]
    made = _put(url, [Link(one, listen or "", up, tags, service) for one, up in zip(names, ups, strict=True)])
    line = line_for(variable, value, list(zip(found, [one.listen for one in made], strict=True))) if variable else None
    if as_json:
        print_json({"links": [one.as_json() for one in made], "line": line})
        return
    for one in made:
        click.echo(f"Added {one.name}: {one.listen} -> {one.upstream}.")
    click.echo(f"Where your service is started, say:\n{line}" if line else f"Point the client at {made[0].listen}.")


def _put(url: str | None, wanted: "list[Link]") -> "list[Link]":
    from dataclasses import replace

    from chaoslib_ext.errors import BadInput
    from chaoslib_ext.links.file import read, same_place
    from chaoslib_ext.links.known import files, own_file
    from chaoslib_ext.links.place import add as put
    from chaoslib_ext.links.place import free_listen
    from chaoslib_ext.proxy.address import host_port

    path, client, made = own_file(), client_of(url), []
    there = client.proxies()
    for one in wanted:
        host_port(one.upstream, source="--upstream")
        if one.listen and same_place(host_port(one.listen, source="--listen")) == same_place(one.upstream):
            raise BadInput(f"{one.name} would lead to itself: {one.listen} is its --listen and its upstream")
        for known in (known for links in files().values() for known in links):
            if same_place(known.listen) == same_place(one.upstream):
                raise BadInput(f"{one.upstream} is the link {known.name} already; the real service is {known.upstream}")
        if one.name in there:
            raise BadInput(f"{client.url} has a proxy {one.name} already; take another name, or: chaos link list")
    for one in wanted:
        link = one if one.listen else replace(one, listen=free_listen(read(path)))
        put(client, path, link)
        made.append(link)
    return made


@link.command(epilog=example("chaos link remove database"))
@click.argument("name", metavar="NAME", shell_complete=_names)
@server_options
def remove(name: str, url: str | None, as_json: bool) -> None:
    """Remove a link: its lines in links.yaml, and its proxy from the server."""
    from chaoslib_ext.links.known import own_file
    from chaoslib_ext.links.place import remove as take

    path = own_file()
    was_there = take(client_of(url), path, name)
    said: dict[str, Any] = {"removed": name, "file": str(path), "was_on_the_server": was_there}
    if as_json:
        print_json(said)
    else:
        click.echo(f"Removed {name} from {path}{' and from the server' if was_there else '; the server had none'}.")
