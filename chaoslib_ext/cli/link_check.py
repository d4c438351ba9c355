"""`chaos link check`: does each link lead where links.yaml says, and is the service behind it there?"""

import click

from ._proxy_options import client_of, example, server_options
from ._say import say, say_json
from ._wide import warn_of_wide

__all__ = ["check"]


@click.command(epilog=example("chaos link check", "chaos link check --create"))
@click.option("--create", is_flag=True, help="Create on the server what it lacks.")
@server_options
def check(create: bool, url: str | None, as_json: bool) -> None:
    """Reach each upstream and each proxy; exit code 1 when one is not as links.yaml says."""
    from chaoslib_ext.links.known import on, own_file
    from chaoslib_ext.links.reach import reached, speaks_tls

    client = client_of(url)
    there, told, made = client.proxies(), [], []
    for link in on(there):
        if create and link.name not in there:
            there[link.name] = client.create(link.name, link.upstream, listen=link.listen)
            made.append((link.name, link.listen))
        proxy, problem = there.get(link.name), ""
        if proxy is None:
            problem = f"not on {client.url}; chaos link check --create"
        elif proxy.upstream != link.upstream:
            problem = f"leads to {proxy.upstream} on the server, to {link.upstream} in the file; delete the wrong one"
        elif not proxy.enabled:
            problem = "its proxy is down; chaos live says who did it"
        elif why := reached(link.upstream):
            problem = f"its upstream {link.upstream} is not reached from here: {why}; is the service up?"
        elif why := reached(proxy.listen):
            problem = f"its proxy {proxy.listen} is not reached: {why}"
        tls = not problem and speaks_tls(link.upstream)
        told.append({"name": link.name, "problem": problem, "tls": tls})
    warn_of_wide(made)
    if as_json:
        say_json(told)
    for one in [] if as_json else told:
        say(f"{one['name']}: {one['problem'] or 'well, ' + ('TLS' if one['tls'] else 'plain')}")
    if not told and not as_json:
        say(f"No links in {own_file()}. Add one: chaos link add NAME --upstream host:port", err=True)
    if any(one["problem"] for one in told):
        raise click.exceptions.Exit(1)
