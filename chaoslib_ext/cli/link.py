"""`chaos link`: the links that can be hurt, in `links.yaml` and on the server."""

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from ._errors import ExtGroup
from ._proxy_options import client_of, example, server_options, toxic_in_words
from ._say import candidates, say, say_json
from ._table import print_table
from .link_add import add
from .link_check import check

if TYPE_CHECKING:
    from chaoslib_ext.links.file import Link
    from chaoslib_ext.proxy.client import ProxyState

__all__ = ["link"]


@click.group(cls=ExtGroup, epilog=example("chaos link add --from-compose docker-compose.yml", "chaos link list"))
def link() -> None:
    """List, add, remove and check the links that can be hurt."""


link.add_command(add)
link.add_command(check)


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from chaoslib_ext.links.known import files

    try:
        return candidates(((one.name, one.upstream) for it in files().values() for one in it), incomplete)
    except Exception:  # a prompt is no place for it; the command says it when it is run
        return []


@link.command("list", epilog=example("chaos link list", "chaos link list --json"))
@server_options
def list_(url: str | None, as_json: bool) -> None:
    """List the links of links.yaml and of the lab, and how each stands on the server."""
    from chaoslib_ext.links.known import files, on, own_file

    known = [one for links in files().values() for one in links]
    proxies = _on_the_server(url) if known else {}
    known = known if proxies is None else on(proxies)
    if as_json:
        say_json([{**one.as_json(), "state": _state(one, proxies)} for one in known])
    elif not known:
        say(f"No links in {own_file()}. Add one: chaos link add NAME --upstream host:port", err=True)
    else:
        head = ["NAME", "LISTEN", "UPSTREAM", "TAGS", "SERVICE", "STATE"]
        rows = [
            [one.name, one.listen, one.upstream, ",".join(one.tags) or "-", one.service or "-", _state(one, proxies)]
            for one in known
        ]
        print_table(head, rows)


def _on_the_server(url: str | None) -> "dict[str, ProxyState] | None":
    """None without a server: what stands in the file can be listed all the same."""
    from chaoslib_ext.errors import NoServer, ProxyUnreachable

    try:
        return client_of(url).proxies()
    except (NoServer, ProxyUnreachable) as error:
        say(str(error), err=True)
        return None


def _state(one: "Link", proxies: "dict[str, ProxyState] | None") -> str:
    if proxies is None:
        return "no server"
    there = proxies.get(one.name)
    if there is None:
        return "missing"
    if there.upstream != one.upstream:
        return f"other upstream: {there.upstream}"
    if not there.enabled:
        return "down"
    return "; ".join(toxic_in_words(toxic) for toxic in there.toxics) or "on the server"


@link.command(epilog=example("chaos link remove database"))
@click.argument("name", metavar="NAME", shell_complete=_names)
@server_options
def remove(name: str, url: str | None, as_json: bool) -> None:
    """Remove a link: its lines in links.yaml, and its proxy from the server."""
    from chaoslib_ext.links.known import own_file
    from chaoslib_ext.links.place import changing
    from chaoslib_ext.links.place import remove as take

    path, client = own_file(), client_of(url)
    with changing():
        was_there = take(client, path, name)
    said: dict[str, Any] = {"removed": name, "file": str(path), "was_on_the_server": was_there}
    if as_json:
        say_json(said)
    else:
        say(f"Removed {name} from {path}{' and from the server' if was_there else '; the server had none'}.")
