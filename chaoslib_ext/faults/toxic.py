"""The fault that is a toxic: all of Toxiproxy's types are one concept, told apart by their settings."""

import struct
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import Field, field_validator

from chaoslib_ext.errors import BadAttribute, FaultNotConfirmed, ToxicNotFound
from chaoslib_ext.model import Stream, Target
from chaoslib_ext.proxy.client import Client, ProxyState, ToxicState

from .effects import Asked
from .fault import Fault, Seen, WayBack, curl
from .settings import settings_for

__all__ = ["Toxic"]


class Toxic(Fault):
    """One toxic on each target. `attributes` may use our names (`latency_ms`) or Toxiproxy's (`latency`)."""

    type: str
    attributes: dict[str, Any] = Field(default_factory=dict)
    stream: Stream = "downstream"
    toxicity: float = Field(1.0, ge=0, le=1)

    @field_validator("seed")
    @classmethod
    def _fits(cls, value: int | None) -> int | None:
        if value is not None and not -(2**63) <= value < 2**63:
            raise ValueError("must fit into 64 bits")
        return value

    def model_post_init(self, context: Any) -> None:
        """Check the attributes at the door, and that any connection would be hit at all."""
        self.wire()
        if not _float32(self.toxicity):  # as the server keeps it
            raise BadAttribute(f"{self.type}: a toxicity of {self.toxicity:g} hits nothing; leave the action out")

    @classmethod
    def called(cls, given: Mapping[str, Any]) -> str:
        """The type that was asked for."""
        return str(given.get("type", "toxic"))

    def wire(self) -> dict[str, int]:
        """The attributes as Toxiproxy names them. Raises BadAttribute."""
        return settings_for(self.type, self.attributes).wire()

    @property
    def kind(self) -> str:
        """The toxic's type."""
        return self.type

    def says(self) -> str:
        """Type, settings, stream and share."""
        words = f"{self.type} {settings_for(self.type, self.attributes).words()}".strip()
        share = "" if self.toxicity == 1 else f", {self.toxicity:.0%} of connections"
        return f"{words}, {self.stream}{share}"

    def strength(self) -> dict[str, float]:
        """Its settings and its toxicity."""
        return {**settings_for(self.type, self.attributes).model_dump(), "toxicity": self.toxicity}

    def told(self) -> dict[str, str | int | float | None]:
        """Its strength, its seed and its stream."""
        return {**super().told(), "stream": self.stream}

    def asked(self) -> Asked:
        """Its type and its settings."""
        return Asked(self.type, self.wire(), self.stream, self.toxicity)

    def refusal(self, proxy: ProxyState) -> str | None:
        """A toxic on a disabled proxy bites nothing."""
        return None if proxy.enabled else "the proxy is disabled, so a toxic on it would bite nothing; enable it first"

    def way_back(self, target: Target, name: str) -> WayBack:
        """Remove the toxic of this exact name."""
        url = f"{target.server}/proxies/{quote(target.proxy, safe='')}/toxics/{quote(name, safe='')}"
        return WayBack(
            op="remove_toxic",
            args={"server": target.server, "proxy": target.proxy, "toxic": name},
            says=f"remove toxic {name} from {target.proxy} on {target.server}",
            by_hand=curl("DELETE", url),
        )

    def apply(self, client: Client, target: Target, name: str) -> None:
        """Add it at the end of the chain; open connections get it at once."""
        client.add_toxic(
            target.proxy,
            self.type,
            name=name,
            stream=self.stream,
            toxicity=self.toxicity,
            attributes=dict(self.wire()),
            seed=self.seed,
        )

    def confirm(self, client: Client, target: Target, name: str) -> Seen:
        """The toxic is there, and every value is the one that was asked for (toxicity is a float32 on the server)."""
        try:
            seen = client.toxic(target.proxy, name)
        except ToxicNotFound as error:
            raise FaultNotConfirmed(
                f"{self.kind} on {target.proxy}: the server took it, but shows no {name}"
            ) from error
        differs = self._differs(seen)
        if differs:
            raise FaultNotConfirmed(f"{self.kind} on {target.proxy}: read back, {differs}")
        honoured = None if self.seed is None else seen.seed == self.seed
        return Seen(seen.as_json(), honoured)

    def _differs(self, seen: ToxicState) -> str:
        asked = {"type": self.type, "stream": self.stream, **self.wire(), "toxicity": _float32(self.toxicity)}
        shown = {"type": seen.type, "stream": seen.stream, **seen.attributes, "toxicity": _float32(seen.toxicity)}
        return "; ".join(
            f"{name} is {shown.get(name)!r}, not {value!r}" for name, value in asked.items() if shown.get(name) != value
        )


def _float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])
