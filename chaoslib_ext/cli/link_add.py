"""`chaos link add`: from a host and port, from a variable, or from a compose file; all of it or nothing."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chaoslib_ext.clean_text import clean

from ._errors import ExtCommand
from ._link_words import say_compose, say_from_variable, say_plain
from ._proxy_options import client_of, example, server_options
from ._wide import warn_of_wide

if TYPE_CHECKING:
    from chaoslib_ext.links.file import Link
    from chaoslib_ext.proxy.client import Client

__all__ = ["add"]


def _variables(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What the shell offers for --from-env: names of variables, never a value."""
    return sorted(name for name in os.environ if name.startswith(incomplete.upper()) and clean(name) == name)


@click.command(
    cls=ExtCommand,
    epilog=example(
        "chaos link add --from-env DATABASE_URL --tag database",
        "chaos link add --from-compose docker-compose.yml --dry-run",
        "chaos link add api --upstream 10.0.0.7:443",
    ),
)
@click.argument("name", required=False, metavar="[NAME]")
@click.option("-u", "--upstream", metavar="HOST:PORT", help="Where the real service is.")
@click.option("-l", "--listen", metavar="HOST:PORT", help="Where clients connect; else a free port from 26001 on.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Where it looks for that port.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="What kind of link, such as database. Repeatable.")
@click.option(
    "--service",
    "services",
    multiple=True,
    metavar="WORD",
    help="Who stands behind it; with --from-compose: only links to these. Repeatable there.",
)
@click.option(
    "--from-env",
    "variable",
    metavar="VARIABLE",
    shell_complete=_variables,
    help="Take the upstream from the value of this variable.",
)
@click.option(
    "--from-compose",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the upstreams from a compose file; a second one is laid over the first, as Docker Compose does it.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be added; touch nothing, ask no server.")
@server_options
def add(
    name: str | None,
    upstream: str | None,
    listen: str | None,
    host: str,
    tags: tuple[str, ...],
    services: tuple[str, ...],
    variable: str | None,
    files: tuple[Path, ...],
    dry_run: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Add links: their proxies on the server, and their lines in links.yaml."""
    _one_source(upstream, variable, files)
    placed = Placing(url, host, dry_run)
    if files:
        _refuse_with_files(name, listen)
        _from_compose(files, services, tags, placed, as_json)
    else:
        _from_one(name, upstream, listen, tags, services, variable, placed, as_json)


class Placing:
    """How links come into their place: on which server, at which host, or not at all."""

    def __init__(self, url: str | None, host: str, dry_run: bool) -> None:
        self.url, self.host, self.dry_run = url, host, dry_run

    def put(self, wanted: "list[Link]") -> "tuple[list[Link], set[str]]":
        """The links with their `listen`, and the names of those that were there before. Raises ExtError."""
        from chaoslib_ext.links.place import changing

        if self.dry_run:
            return self._put(wanted, None)
        client = client_of(self.url)
        with changing():
            made, old = self._put(wanted, client)
        warn_of_wide((link.name, link.listen) for link in made)
        return made, old

    def _put(self, wanted: "list[Link]", client: "Client | None") -> "tuple[list[Link], set[str]]":
        from chaoslib_ext.errors import ProxyError
        from chaoslib_ext.links.known import files, own_file
        from chaoslib_ext.links.place import add as put
        from chaoslib_ext.links.place import settled

        known = [link for links in files().values() for link in links]
        old = {link.name for link in known}
        made = settled(wanted, known, host=self.host)
        if client is None:
            return made, old
        for more in (True, True, False):  # a port that was free a moment ago may be another's now
            try:
                put(client, own_file(), *[link for link in made if link.name not in old])
                break
            except ProxyError as error:
                if not more or "in use" not in str(error) or any(link.listen for link in wanted):
                    raise
                made = settled(wanted, known, host=self.host)
        there = client.proxies()
        for link in made:
            if link.name not in there:  # known, but its server was started anew
                client.create(link.name, link.upstream, listen=link.listen)
        return made, old


def _one_source(upstream: str | None, variable: str | None, files: tuple[Path, ...]) -> None:
    from chaoslib_ext.errors import BadInput

    if sum(map(bool, (upstream, variable, files))) != 1:
        raise BadInput(
            "say where it leads, in one way: --upstream host:port, --from-env VARIABLE or --from-compose FILE"
        )


def _refuse_with_files(name: str | None, listen: str | None) -> None:
    from chaoslib_ext.errors import BadInput

    if name:
        raise BadInput(f"links of a compose file are named after their services; choose one by --service {name}")
    if listen:
        raise BadInput("each link of a compose file gets a port of its own: leave --listen out; --host names where")


def _from_compose(
    files: tuple[Path, ...], services: tuple[str, ...], tags: tuple[str, ...], placing: Placing, as_json: bool
) -> None:
    from chaoslib_ext.links.compose.changes import changes
    from chaoslib_ext.links.compose.plan import plan
    from chaoslib_ext.links.file import Link

    found = plan(files, services)
    wanted = [Link(way.name, "", way.upstream, (way.tag, *tags), way.service) for way in found.ways]
    made, old = placing.put(wanted) if wanted else ([], set())
    told = changes(found.ways, {link.name: link.listen for link in made})
    say_compose(made, old, told, found, files[0], dry_run=placing.dry_run, as_json=as_json)
    if not made:
        raise click.exceptions.Exit(1)


def _from_one(
    name: str | None,
    upstream: str | None,
    listen: str | None,
    tags: tuple[str, ...],
    services: tuple[str, ...],
    variable: str | None,
    placing: Placing,
    as_json: bool,
) -> None:
    from chaoslib_ext.errors import BadInput
    from chaoslib_ext.links.file import Link
    from chaoslib_ext.links.value import line_for, places

    if variable is None and not name:
        raise BadInput("the link needs a name: chaos link add NAME --upstream host:port")
    if len(services) > 1:
        raise BadInput("one link has one service; several belong to --from-compose")
    found = places(variable, os.environ) if variable else []
    line_for(variable or "", os.environ, [(one, "127.0.0.1:1") for one in found])  # refused before anything is touched
    if listen and len(found) > 1:
        raise BadInput(f"{variable} names {len(found)} hosts: leave --listen out, each gets a port of its own")
    ups = [one.upstream for one in found] or [str(upstream)]
    service = services[0] if services else None
    names = _names(name or _stem(str(variable)), len(ups))
    links = [Link(one, listen or "", up, tags, service) for one, up in zip(names, ups, strict=True)]
    made, old = placing.put(links)
    if variable:
        pairs = list(zip(found, [one.listen for one in made], strict=True))
        say_from_variable(made, old, variable, pairs, dry_run=placing.dry_run, as_json=as_json)
    else:
        say_plain(made, old, dry_run=placing.dry_run, as_json=as_json)


def _names(stem: str, count: int) -> list[str]:
    return [stem] if count == 1 else [f"{stem}-{number}" for number in range(1, count + 1)]


def _stem(variable: str) -> str:
    """`DATABASE_URL` -> `database`."""
    stem = variable.lower()
    for end in ("_url", "_uri", "_dsn", "_host"):
        stem = stem.removesuffix(end)
    return stem.replace("_", "-").strip("-") or "link"
