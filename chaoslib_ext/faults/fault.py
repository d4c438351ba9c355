"""What every fault is: a noun with settings, that knows how it is put in, read back, and taken out again.

A fault must not speak to a target outside `apply` and `confirm`, must not remember anything, and must not undo
itself: its undo is data, written to the disk before `apply` is called, and replayed by whoever lives longest.
"""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from chaoslib_ext.errors import BadAttribute
from chaoslib_ext.model import Duration, Target
from chaoslib_ext.proxy.client import Client, ProxyState
from chaoslib_ext.proxy.credentials import in_a_command

from .effects import Asked
from .settings import in_words

__all__ = ["Fault", "Seen", "WayBack"]


@dataclass(frozen=True)
class WayBack:
    """How one fault on one target is undone, before it gets its number and its deadline."""

    op: str
    args: dict[str, Any]
    says: str
    by_hand: str


@dataclass(frozen=True)
class Seen:
    """What reading back showed: the toxic (None for a proxy that is down), and whether its seed was taken."""

    toxic: dict[str, Any] | None
    seed_honoured: bool | None


class Fault(BaseModel, ABC):
    """One fault on one or more proxies. `proxy` is a name, a glob (`checkout-*`), or several of either."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    proxy: str | tuple[str, ...]
    duration: Duration | None = None
    seed: int | None = None

    @field_validator("proxy")
    @classmethod
    def _is_text(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if any("\ud800" <= character <= "\udfff" for character in "".join(value)):
            raise ValueError(f"{value!r} holds half a character, which no name can")
        return value

    @classmethod
    def of(cls, **given: Any) -> Self:
        """Build one from what a person wrote. Raises BadAttribute with every finding."""
        if isinstance(given.get("proxy"), list):
            given["proxy"] = tuple(given["proxy"])
        try:
            return cls(**given)
        except ValidationError as error:
            raise BadAttribute(f"{cls.called(given)}: {in_words(error, list(cls.model_fields))}") from error

    @classmethod
    @abstractmethod
    def called(cls, given: Mapping[str, Any]) -> str:
        """Its `kind` as far as it can be told from what a person wrote, for a message on the rest of it."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """In one word, as it stands in the toxic's name: latency, down, ..."""

    @abstractmethod
    def says(self) -> str:
        """In a few words for people: latency 400 ms, downstream."""

    def strength(self) -> dict[str, float]:
        """How strong it is, for the policy: settings by our names, and toxicity; empty where there is no degree."""
        return {}

    def told(self) -> dict[str, str | int | float | None]:
        """All that it is told beside target and duration, for an approval: its strength, and what has no degree."""
        return {**self.strength(), **({} if self.seed is None else {"seed": self.seed})}

    @abstractmethod
    def asked(self) -> Asked:
        """What its effect should be, for the measurement on the link."""

    @abstractmethod
    def refusal(self, proxy: ProxyState) -> str | None:
        """Why it makes no sense on this proxy as it is now; None when it does."""

    @abstractmethod
    def way_back(self, target: Target, name: str) -> WayBack:
        """How it is undone; `name` is the toxic's, made by the door."""

    @abstractmethod
    def apply(self, client: Client, target: Target, name: str) -> None:
        """Put it in: one request."""

    @abstractmethod
    def confirm(self, client: Client, target: Target, name: str) -> Seen:
        """Read it back. Raises FaultNotConfirmed when the target shows anything else."""


def curl(method: str, url: str, body: str | None = None) -> str:
    """The command a person types if all else fails: it needs nothing of ours."""
    data = f"-d {shlex.quote(body)} " if body else ""
    return f"curl -sS {in_a_command(url)}-X {method} {data}{shlex.quote(url)}"
