"""A run's hold on a proxy: a `noop` toxic of one fixed name. Whoever creates it has it, on whatever host; a second one
is a 409 on every Toxiproxy, which keeps names unique and knows nothing else that two hosts could agree by.

A noop has nothing to be told, save how often it does nothing. So its toxicity, of no effect, carries who holds it: the
six hex digits of a run's id are 24 bits, and a toxicity is kept as a float32, which holds 24 bits exactly.
"""

import hashlib
import re
from collections.abc import Iterable

from .client import Client
from .state import ToxicState

__all__ = ["NAME", "on", "run_of", "sign_of", "take"]

NAME = "cx-lock"
"""The toxic's name, the same for every run."""

_ONE = 1 << 24


def sign_of(run: str) -> int:
    """What stands for a run: its id, where that is six hex digits as we draw them, else a hash of it. 24 bits."""
    digits = run if re.fullmatch("[0-9a-f]{6}", run) else hashlib.sha256(run.encode()).hexdigest()[:6]
    return int(digits, 16)


def run_of(sign: int) -> str:
    """The id of the run that this sign most likely stands for."""
    return f"{sign:06x}"


def on(toxics: Iterable[ToxicState]) -> int | None:
    """Whose hold is among the toxics of a proxy: a sign, or None when nobody holds it."""
    return next((round(one.toxicity * _ONE) for one in toxics if one.name == NAME), None)


def take(client: Client, proxy: str, run: str) -> None:
    """Hold a proxy for that run. Raises ToxicExists when somebody has it."""
    # upstream, where a chain is short and its data few; the server of the original pays a little for each toxic
    client.add_toxic(proxy, "noop", name=NAME, stream="upstream", toxicity=sign_of(run) / _ONE)
