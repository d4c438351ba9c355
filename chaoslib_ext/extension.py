"""What an experiment may say to us: its `extensions` entry named `chaostoolkit-ext`, as frozen data.

The host keeps the place (`extensions: [{name: ...}]`, chaoslib/extension.py) and checks nothing but the name, so an
entry that says nonsense is refused here, before anything is touched.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chaoslib_ext.errors import BadInput, did_you_mean
from chaoslib_ext.model import Duration, Verdict

__all__ = ["NAME", "Extension", "Guard", "Recovery", "entry_of", "extension_of"]

NAME: Literal["chaostoolkit-ext"] = "chaostoolkit-ext"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Guard(_Part):
    """One probe that is watched while the run goes on; when it is not good for long enough, the run is aborted.

    Either `ref` names a probe of the steady-state hypothesis, or the guard is a probe itself (`provider`, `tolerance`).
    """

    name: str = Field(default="", description="for people; without it, the name in `ref`")
    ref: str | None = Field(default=None, description="a probe of the steady-state hypothesis, by its name")
    provider: dict[str, Any] | None = Field(default=None, description="as any probe has one")
    tolerance: Any = Field(default=None, description="as a probe of the steady-state hypothesis has one")
    every: Duration = Field(default=1.0, description="the pause between two samples, as `1s`")
    bad_for: Duration = Field(
        default=3.0,
        description="the run is aborted after this long without a good sample; no answer is not good",
    )

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> "Guard":
        if self.ref is None and (self.provider is None or self.tolerance is None or not self.name):
            raise ValueError("a guard needs either ref, or all of name, provider and tolerance")
        if self.ref is not None and (self.provider is not None or self.tolerance is not None):
            raise ValueError("a guard has either ref, or provider and tolerance, not both")
        return self

    @property
    def called(self) -> str:
        """Its name for people."""
        return self.name or str(self.ref)


class Recovery(_Part):
    """How the steady state is proved again once everything is undone."""

    at_most: Duration = Field(default=30.0, description="it must have come back within this, counted from the undo")
    every: Duration = Field(default=0.5, description="the pause between two samples, as `500ms`")
    in_a_row: int = Field(default=2, ge=1, le=1000, description="that many samples in a row must be good")


class Extension(_Part):
    """The whole entry."""

    name: Literal["chaostoolkit-ext"] = NAME
    guards: tuple[Guard, ...] = ()
    recovery: Recovery = Recovery()
    row: dict[str, Any] = Field(
        default_factory=dict, description="fault, link, expects: its row in the table of scenarios"
    )
    says: dict[Verdict, str] = Field(default_factory=dict, description="verdict -> what it means here, in a sentence")
    next: dict[Verdict, str] = Field(default_factory=dict, description="verdict -> the command to type next")


def entry_of(experiment: dict[str, Any]) -> dict[str, Any] | None:
    """Our entry as it was written; None when the experiment has none."""
    entries = experiment.get("extensions")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("name") == NAME:
            return entry
    return None


def extension_of(experiment: dict[str, Any]) -> Extension:
    """What the experiment says to us, or the defaults. Raises BadInput with every finding."""
    entry = entry_of(experiment)
    try:
        return Extension() if entry is None else Extension.model_validate(entry)
    except ValidationError as error:
        found = "; ".join(_in_words(one) for one in error.errors())
        raise BadInput(f"the entry {NAME} among `extensions` is wrong: {found}") from error


def _in_words(error: Any) -> str:
    place = ".".join(str(step) for step in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place} is unknown{did_you_mean(str(error['loc'][-1]), _known(error['loc']))}"
    return f"{place or 'it'}: {str(error['msg']).removeprefix('Value error, ')}"


def _known(place: tuple[Any, ...]) -> list[str]:
    parts: dict[str, type[_Part]] = {"guards": Guard, "recovery": Recovery}
    return list(parts.get(str(place[0]) if len(place) > 1 else "", Extension).model_fields)
