"""What the `chaos proxy` commands have in common: their options, and the words for a proxy and a toxic."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._aftermath import finish_what_is_left
from ._proxy_completion import proxy_names, toxic_names, toxic_types

if TYPE_CHECKING:
    from chaoslib_ext.proxy.client import Client
    from chaoslib_ext.proxy.state import ProxyState, ToxicState

__all__ = [
    "attributes_option",
    "client_of",
    "example",
    "json_option",
    "many",
    "parse_attributes",
    "proxy_argument",
    "proxy_in_words",
    "server_options",
    "state_word",
    "stream_options",
    "toxic_in_words",
    "toxic_name_option",
    "toxicity_option",
    "type_option",
]

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")
_url_option = click.option(
    "--url",
    metavar="URL",
    help="The server, http://host:port. Without it: TOXIPROXY_URL; else the one started last by `chaos lab up` or "
    "`chaos proxy serve`; else http://127.0.0.1:8474.",
)
proxy_argument = click.argument("name", metavar="NAME", shell_complete=proxy_names)
type_option = click.option(
    "-t",
    "--type",
    "kind",
    required=True,
    metavar="TYPE",
    shell_complete=toxic_types,
    help="latency, bandwidth, slicer, timeout, reset_peer, slow_close, limit_data or noop.",
)
toxic_name_option = click.option(
    "-n", "--name", "toxic", required=True, metavar="TOXIC", shell_complete=toxic_names, help="The toxic's name."
)
attributes_option = click.option(
    "-a",
    "--attribute",
    "pairs",
    multiple=True,
    metavar="KEY=NUMBER",
    help="One setting of the toxic, in Toxiproxy's units (ms, KB/s, bytes; slicer's delay in us). Repeatable.",
)
toxicity_option = click.option(
    "--toxicity", type=float, metavar="SHARE", help="Share of the connections that get it, 0 to 1."
)
_up = click.option("-u", "--upstream", "stream", flag_value="upstream", help="On the way from client to server.")
_down = click.option(
    "-d", "--downstream", "stream", flag_value="downstream", help="On the way from server to client (the default)."
)


def server_options(command: F) -> F:
    """Add `--url` and `--json`."""
    return _url_option(json_option(command))


def stream_options(command: F) -> F:
    """Add `-u/--upstream` and `-d/--downstream`; `stream` is None when neither is given."""
    return _up(_down(command))


def example(*lines: str) -> str:
    """An epilog that keeps its lines as they are."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def client_of(url: str | None) -> "Client":
    """A client of the server that is meant, after it has answered. What dead runs left is finished before."""
    from chaoslib_ext.proxy.servers import connect

    client = connect(url)
    finish_what_is_left()
    return client


def parse_attributes(pairs: Sequence[str]) -> dict[str, int | float]:
    """`["latency=400", "jitter=50"]` as numbers. Raises BadAttribute naming the pair that is not KEY=NUMBER."""
    return dict(_pair(text) for text in pairs)


def proxy_in_words(proxy: "ProxyState") -> str:
    """`web (127.0.0.1:8080 -> 127.0.0.1:80, enabled, 1 toxic)`."""
    count = many(len(proxy.toxics), "toxic")
    return f"{proxy.name} ({proxy.listen} -> {proxy.upstream}, {state_word(proxy)}, {count})"


def many(number: int, one: str, more: str = "") -> str:
    """`1 proxy`, `2 proxies`."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def state_word(proxy: "ProxyState") -> str:
    """`enabled` or `disabled`: a word, because colour is never the only sign."""
    return "enabled" if proxy.enabled else "disabled"


def toxic_in_words(toxic: "ToxicState") -> str:
    """`latency downstream latency=400 jitter=50`, and the share of connections when it is not all."""
    attributes = (f"{name}={value}" for name, value in toxic.attributes.items())
    share = () if toxic.toxicity == 1 else (f"on {toxic.toxicity * 100:g} % of the connections",)
    seed = () if toxic.seed is None else (f"seed={toxic.seed}",)
    return " ".join((toxic.type, toxic.stream, *attributes, *share, *seed))


def _pair(text: str) -> tuple[str, int | float]:
    from chaoslib_ext.errors import BadAttribute

    name, _, value = text.partition("=")
    for kind in (int, float):
        try:
            return name.strip(), kind(value)
        except ValueError:
            continue
    raise BadAttribute(f"{text!r} is not KEY=NUMBER; write for example -a latency=400 (in ms, without a unit)")
