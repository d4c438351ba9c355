"""What each toxic may be told: one small model a type, with ranges that no server can be crashed by.

Field names are ours, with the unit (`latency_ms`); aliases are Toxiproxy's own (`latency`), and both are accepted.
Source of the semantics: Toxiproxy 2.12, `toxics/*.go`. Where a value ends the Go server (a negative rate, a slicer
without a size), or makes the toxic do nothing (a latency of 0 ms), it is refused here. `noop` is the one that is asked
for because it does nothing.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from chaoslib_ext.errors import BadAttribute, did_you_mean

__all__ = ["SETTINGS", "Settings", "settings_for"]

_DAY_MS = 86_400_000
_BIG = 2**53


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


_Int = Annotated[int, BeforeValidator(_no_flag)]
Milliseconds = Annotated[_Int, Field(ge=0, le=_DAY_MS)]


class Settings(BaseModel):
    """The settings of one toxic type; frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def wire(self) -> dict[str, int]:
        """As Toxiproxy names them."""
        return self.model_dump(by_alias=True)

    def words(self) -> str:
        """In a few words, with units."""
        return ""


class Latency(Settings):
    """Every chunk arrives later: by `latency_ms`, give or take `jitter_ms` (uniform)."""

    latency_ms: Milliseconds = Field(alias="latency")
    jitter_ms: Milliseconds = Field(0, alias="jitter")

    @model_validator(mode="after")
    def _delays(self) -> "Latency":
        if not self.latency_ms and not self.jitter_ms:
            raise ValueError("a latency of 0 ms without jitter delays nothing; leave the action out")
        return self

    def words(self) -> str:
        """In a few words, with units."""
        return f"{self.latency_ms}{f'±{self.jitter_ms}' if self.jitter_ms else ''} ms"


class Bandwidth(Settings):
    """At most `rate_kb_per_s` (1 KB = 1,000 bytes) a connection; 0 lets nothing through."""

    rate_kb_per_s: Annotated[_Int, Field(ge=0, le=_BIG)] = Field(alias="rate")

    def words(self) -> str:
        """In a few words, with units."""
        return f"{self.rate_kb_per_s} KB/s"


class Slicer(Settings):
    """Data comes in pieces of about `average_size_bytes`, with `delay_us` microseconds after each."""

    average_size_bytes: Annotated[_Int, Field(ge=1, le=_BIG)] = Field(alias="average_size")
    size_variation_bytes: Annotated[_Int, Field(ge=0, le=_BIG)] = Field(0, alias="size_variation")
    delay_us: Annotated[_Int, Field(ge=0, le=_DAY_MS * 1000)] = Field(0, alias="delay")

    @model_validator(mode="after")
    def _varies_less_than_it_is(self) -> "Slicer":
        if self.size_variation_bytes >= self.average_size_bytes:
            raise ValueError("size_variation_bytes must be smaller than average_size_bytes")
        return self

    def words(self) -> str:
        """In a few words, with units."""
        return f"{self.average_size_bytes}±{self.size_variation_bytes} bytes a piece, {self.delay_us} us after each"


class Timeout(Settings):
    """All data is dropped; the connection closes after `timeout_ms`, or never when that is 0."""

    timeout_ms: Milliseconds = Field(0, alias="timeout")

    def words(self) -> str:
        """In a few words, with units."""
        return f"after {self.timeout_ms} ms" if self.timeout_ms else "without an end"


class ResetPeer(Settings):
    """The connection is reset (RST) `timeout_ms` after its first data."""

    timeout_ms: Milliseconds = Field(0, alias="timeout")

    def words(self) -> str:
        """In a few words, with units."""
        return f"after {self.timeout_ms} ms"


class SlowClose(Settings):
    """The end of the connection arrives `delay_ms` late."""

    delay_ms: Milliseconds = Field(alias="delay")

    @model_validator(mode="after")
    def _delays(self) -> "SlowClose":
        if not self.delay_ms:
            raise ValueError("a delay of 0 ms delays nothing; leave the action out")
        return self

    def words(self) -> str:
        """In a few words, with units."""
        return f"by {self.delay_ms} ms"


class LimitData(Settings):
    """The connection closes after `bytes` bytes."""

    bytes: Annotated[_Int, Field(ge=0, le=_BIG)]

    def words(self) -> str:
        """In a few words, with units."""
        return f"after {self.bytes} bytes"


class Noop(Settings):
    """Nothing happens."""


SETTINGS: dict[str, type[Settings]] = {
    "bandwidth": Bandwidth,
    "latency": Latency,
    "limit_data": LimitData,
    "noop": Noop,
    "reset_peer": ResetPeer,
    "slicer": Slicer,
    "slow_close": SlowClose,
    "timeout": Timeout,
}
"""Toxiproxy's type name -> what it may be told."""


def settings_for(type: str, given: dict[str, Any]) -> Settings:
    """The settings of a toxic of that type. Raises BadAttribute for an unknown type, name or value."""
    model = SETTINGS.get(type)
    if model is None:
        raise BadAttribute(f'there is no toxic "{type}"{did_you_mean(type, SETTINGS)}')
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise BadAttribute(f"{type}: {in_words(error, list(model.model_fields))}") from error


def in_words(error: ValidationError, known: list[str]) -> str:
    """Pydantic's findings as one line for a person."""
    said = []
    for one in error.errors():
        name = ".".join(str(part) for part in one["loc"])
        if one["type"] == "extra_forbidden":
            said.append(f"{name} is not one of its settings{did_you_mean(name, known)}")
        elif one["type"] == "missing":
            said.append(f"{name} is missing")
        else:
            reason = one["msg"].removeprefix("Value error, ").removeprefix("Input ")
            told_already = not name or repr(one["input"]) in reason
            said.append(f"{name} {reason}".strip() if told_already else f"{name} {reason}, not {one['input']!r}")
    return "; ".join(said)
