"""`chaos proxy toxic`: add, change and remove toxics by hand. What a hand adds, only a hand takes away."""

from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from ._despite_freeze import despite_freeze_option, refuse_if_frozen
from ._errors import ExtGroup
from ._proxy_options import (
    attributes_option,
    client_of,
    example,
    parse_attributes,
    proxy_argument,
    server_options,
    stream_options,
    toxic_in_words,
    toxic_name_option,
    toxicity_option,
    type_option,
)
from ._say import say, say_json

if TYPE_CHECKING:
    from chaoslib_ext.proxy.state import ToxicState

__all__ = ["parse_toxic", "toxic"]


@click.group(cls=ExtGroup, epilog=example("chaos proxy toxic add web -t latency -a latency=400"))
def toxic() -> None:
    """Add, change and remove toxics by hand; experiments use actions.toxics, which undo themselves."""


@toxic.command(
    epilog=example(
        "chaos proxy toxic add web -t latency -a latency=400 -a jitter=50",
        "chaos proxy toxic add web -t reset_peer --toxicity 0.1 --seed 7",
        "chaos proxy toxic add web -t latency -a latency=400 --despite-freeze",
    )
)
@proxy_argument
@type_option
@click.option("-n", "--name", "toxic", metavar="TOXIC", help="Its name; without it TYPE_STREAM.")
@attributes_option
@toxicity_option
@stream_options
@click.option("--seed", type=int, help="Make its chance repeatable; only the embedded server can.")
@despite_freeze_option
@server_options
def add(
    name: str,
    kind: str,
    toxic: str | None,
    pairs: tuple[str, ...],
    toxicity: float | None,
    stream: str | None,
    seed: int | None,
    insists: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Put a toxic on a proxy. It belongs to no run: it stays until it is removed by hand."""
    share = {} if toxicity is None else {"toxicity": toxicity}
    way: Any = stream or "downstream"
    attributes = parse_attributes(pairs)
    client = client_of(url)
    refuse_if_frozen(f"adding a toxic of type {kind} to {name}", insists, client)
    made = client.add_toxic(name, kind, name=toxic, stream=way, attributes=attributes, seed=seed, **share)
    honoured = None if seed is None else made.seed == seed
    by_hand = f"chaos proxy toxic remove {quote(name)} -n {quote(made.name)}"
    if as_json:
        say_json({"proxy": name, "toxic": made.as_json(), "seed_honoured": honoured, "remove_with": by_hand})
        return
    say(f"Added {made.name} to {name}: {toxic_in_words(made)}.")
    say(f"It belongs to no run, so nothing undoes it by itself. Remove it with: {by_hand}")
    if honoured is False:
        say("This server takes no seed: its chance is not repeatable.", err=True)


@toxic.command(epilog=example("chaos proxy toxic update web -n latency_downstream -a latency=800"))
@proxy_argument
@toxic_name_option
@attributes_option
@toxicity_option
@despite_freeze_option
@server_options
def update(
    name: str,
    toxic: str,
    pairs: tuple[str, ...],
    toxicity: float | None,
    insists: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Change a toxic; what is not named stays as it is, its toxicity too."""
    from chaoslib_ext.errors import BadInput

    if not pairs and toxicity is None:
        raise BadInput("nothing to change: give -a KEY=NUMBER or --toxicity SHARE")
    attributes, client = parse_attributes(pairs), client_of(url)
    refuse_if_frozen(f"changing the toxic {toxic} on {name}", insists, client)
    now = client.update_toxic(name, toxic, attributes=attributes, toxicity=toxicity)
    _tell(name, now, "Changed {toxic} on {proxy}: {words}.", as_json)


@toxic.command(epilog=example("chaos proxy toxic remove web -n latency_downstream"))
@proxy_argument
@toxic_name_option
@server_options
def remove(name: str, toxic: str, url: str | None, as_json: bool) -> None:
    """Take one toxic off a proxy."""
    client_of(url).remove_toxic(name, toxic)
    if as_json:
        say_json({"proxy": name, "removed": toxic})
    else:
        say(f"Removed {toxic} from {name}.")


def parse_toxic(text: str) -> dict[str, Any]:
    """`latency:latency=400,toxicity=0.5` as the API's body of a toxic. Raises BadInput or BadAttribute."""
    from chaoslib_ext.errors import BadInput

    kind, _, rest = text.partition(":")
    pairs = [pair.strip() for pair in rest.split(",") if pair.strip()]
    if not kind.strip() or any("=" not in pair for pair in pairs):
        raise BadInput(f"--toxic {text!r}: write TYPE:KEY=NUMBER,..., such as latency:latency=400,jitter=50")
    words = {"name", "stream"}
    said = {key: value for key, value in (pair.split("=", 1) for pair in pairs) if key in words}
    numbers = parse_attributes([pair for pair in pairs if pair.split("=", 1)[0] not in words])
    body: dict[str, Any] = {"type": kind.strip(), **said}
    for key in ("toxicity", "seed"):
        if key in numbers:
            body[key] = numbers.pop(key)
    return {**body, "attributes": numbers}


def _tell(proxy: str, toxic: "ToxicState", sentence: str, as_json: bool) -> None:
    if as_json:
        say_json({"proxy": proxy, "toxic": toxic.as_json()})
    else:
        say(sentence.format(proxy=proxy, toxic=toxic.name, words=toxic_in_words(toxic)))
