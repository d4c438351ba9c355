"""What a server shows: a proxy and its toxics, as it was at the moment of reading. Frozen: read again, don't keep."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from chaoslib_ext.model import Stream

__all__ = ["ProxyState", "ToxicState"]


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value  # the server echoes `Upstream` as it was written


class _Seen(BaseModel):
    # "ignore": the Go server exports an accidental `Logger`, and newer servers may say more than we know
    model_config = ConfigDict(frozen=True, extra="ignore")

    def as_json(self) -> dict[str, Any]:
        """Plain JSON data; `seed` only where there is one."""
        return self.model_dump(mode="json", exclude_none=True)


class ToxicState(_Seen):
    """One toxic. `toxicity` is the share of connections it takes, 0 to 1; units of `attributes` are the type's own."""

    name: str
    type: str
    stream: Annotated[Stream, BeforeValidator(_lower)]
    toxicity: float
    attributes: dict[str, int | float]
    seed: int | None = None


class ProxyState(_Seen):
    """One proxy: `listen` and `upstream` are host:port; `toxics` upstream ones first, each in chain order."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[ToxicState, ...] = ()
