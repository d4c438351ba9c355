"""The JSON Schema of an experiment, made from its models, for editors."""

from typing import Any

from .experiment import Experiment

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an experiment, for editors."""
    made = _any_of(Experiment.model_json_schema(by_alias=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Chaos Toolkit experiment, with chaostoolkit-ext",
    }


def _any_of(part: Any) -> Any:
    """Which member of a union is meant is told by a function here; a schema cannot ask it, and takes any that fits."""
    if isinstance(part, list):
        return [_any_of(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        ("anyOf" if key == "oneOf" else key): _any_of(value) for key, value in part.items() if key != "discriminator"
    }
