"""Our own entry among an experiment's `extensions`: what may stand in `{name: chaostoolkit-ext, ...}`.

A room that reads a part of it adds one field here, with a model of its own. Keys that no field names are mistakes.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chaoslib_ext.model import Verdict

__all__ = ["OwnExtension"]


class OwnExtension(BaseModel):
    """What an experiment tells chaostoolkit-ext."""

    model_config = ConfigDict(extra="forbid")

    name: Literal["chaostoolkit-ext"]
    says: dict[Verdict, str] = Field(default_factory=dict, description="verdict -> the sentence that tells it")
    next: dict[Verdict, str] = Field(default_factory=dict, description="verdict -> the command to type next")
    row: dict[str, Any] = Field(default_factory=dict, description="its row in the table of the lab's experiments")
