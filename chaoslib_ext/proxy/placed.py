"""A toxic as it stands on a proxy: its name, its direction, how often it bites, and its chance."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal, get_args

from chaoslib_ext.clock import chance

from .toxics import Toxic

__all__ = ["DIRECTIONS", "Direction", "Placed"]

Direction = Literal["upstream", "downstream"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

ANY = chance()
"""Where no seed was given all draw from one source."""


@dataclass(eq=False)
class Placed:
    """One entry of a proxy's list of toxics.

    Draws depend on the seed and on which connection it is, counted from the toxic's arrival, never on time: the same
    seed and the same order of connections give the same faults again.
    """

    name: str
    type: str
    stream: str
    toxic: Toxic
    toxicity: float = 1.0
    seed: int | None = None
    root: str = ""
    """What draws derive from: the toxic's own seed, or the server's with both names; empty when there is none."""
    since: int = 0
    """How many connections the proxy had accepted when the toxic came."""
    updates: int = 0

    @property
    def direction(self) -> Direction:
        """The parsed direction; `stream` is shown as it was written."""
        return "upstream" if self.stream.lower() == "upstream" else "downstream"

    def arrive(self, proxy: str, accepted: int, server_seed: int | None) -> None:
        """Tell the toxic where it stands, before it meets the first connection."""
        self.since = accepted
        if self.seed is not None:
            self.root = str(self.seed)
        elif server_seed is not None:
            self.root = f"{server_seed}/{proxy}/{self.name}"

    def chance_for(self, connection: int, purpose: str = "data") -> Random:
        """The chance of the proxy's n-th connection."""
        return chance(f"{self.root}/{connection - self.since}/{purpose}") if self.root else ANY

    def bites(self, connection: int) -> bool:
        """Draw whether it acts on the proxy's n-th connection; drawn again after an update."""
        if self.toxic.passive or self.toxicity <= 0:
            return False
        return self.toxicity >= 1 or self.chance_for(connection, f"toxicity-{self.updates}").random() < self.toxicity

    def as_json(self) -> dict[str, Any]:
        """As the API shows it; `seed` only when the toxic was given one (the Go server knows none)."""
        shown = {
            "attributes": self.toxic.attributes(),
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": self.toxicity,
        }
        return shown if self.seed is None else {**shown, "seed": self.seed}
