"""An experiment as the host takes it, as models: the one truth behind `chaos lint`'s shapes and its JSON Schema.

A shape is refused here only where the host refuses it, breaks off, or passes over what is written. Keys that are not
known pass the host; `rules/keys.py` speaks of them. Sources: chaoslib 1.44, `experiment.py`, `activity.py`,
`hypothesis.py`, `control/__init__.py`, `configuration.py`; the specification of Chaos Toolkit 1.0.0.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    WithJsonSchema,
)

from chaoslib_ext.extension import Extension

__all__ = ["Experiment"]

Text = Annotated[str, Strict(), Field(min_length=1)]
Words = Annotated[Text | int | float, Field(description="a text; the host takes a number too")]
Flag = Annotated[bool, Strict()]
Variable = Annotated[str, Strict(), Field(pattern=r"^\$\{.*\}$", examples=["${name}"])]
"""A value that comes from the configuration or the secrets."""


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


Whole = Annotated[int, Strict(), BeforeValidator(_no_flag)]
Seconds = Annotated[float, Strict(), BeforeValidator(_no_flag)]


class _Part(BaseModel):
    """Part of an experiment. Unknown keys pass, as they pass the host."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class PythonProvider(_Part):
    """Calls a function of a Python module that is installed."""

    type: Literal["python"]
    module: Text
    func: Text
    arguments: dict[Any, Any] = Field(default_factory=dict)
    secrets: list[str] = Field(default_factory=list)


class HttpProvider(_Part):
    """Sends one request; its output is `{status, headers, body}`."""

    type: Literal["http"]
    url: Text
    method: Annotated[str, Strict()] = "GET"
    headers: dict[Any, Any] | None = None
    timeout: Seconds | list[Seconds] | Variable | None = None
    arguments: Any = None
    verify_tls: Flag | Text = True
    max_retries: Whole = 0
    secrets: list[str] = Field(default_factory=list)


class ProcessProvider(_Part):
    """Runs a program; its output is `{status, stdout, stderr}`."""

    type: Literal["process"]
    path: Text
    arguments: str | list[Any] | dict[Any, Any] = Field(default_factory=list)
    timeout: Seconds | None = None
    secrets: list[str] = Field(default_factory=list)


Provider = Annotated[PythonProvider | HttpProvider | ProcessProvider, Field(discriminator="type")]


class ControlProvider(_Part):
    """The module whose functions the host calls around each part of a run."""

    type: Text
    module: Text | None = None
    arguments: dict[Any, Any] = Field(default_factory=dict)


class Control(_Part):
    """What stands by while the experiment runs."""

    name: Words
    provider: ControlProvider
    scope: Literal["before", "after"] | None = None
    automatic: Flag = True


class ControlReference(_Part):
    """A control that is declared at the top, named here."""

    ref: Text


def _control_kind(value: Any) -> str:
    return "reference" if isinstance(value, dict) and "ref" in value else "control"


AnyControl = Annotated[
    Annotated[ControlReference, Tag("reference")] | Annotated[Control, Tag("control")], Discriminator(_control_kind)
]


class Pauses(_Part):
    """Seconds to wait before and after an activity."""

    before: Seconds | Variable | None = None
    after: Seconds | Variable | None = None


class Activity(_Part):
    """A probe asks, an action does."""

    type: Literal["probe", "action"]
    name: Words
    provider: Provider
    background: Flag = False
    pauses: Pauses = Field(default_factory=Pauses)
    timeout: Seconds | None = None
    controls: list[AnyControl] = Field(default_factory=list)
    secrets: Any = None
    configuration: Any = None
    tolerance: Any = None
    dry: Any = None


class ActivityReference(_Part):
    """An activity of the method or the hypothesis, named again."""

    ref: Text


def _activity_kind(value: Any) -> str:
    return "reference" if isinstance(value, dict) and value.get("ref") is not None else "activity"


AnyActivity = Annotated[
    Annotated[ActivityReference, Tag("reference")] | Annotated[Activity, Tag("activity")],
    Discriminator(_activity_kind),
]


class ProbeTolerance(_Part):
    """A probe that judges: it gets the measured value as the argument `value`."""

    type: Literal["probe"]
    name: Words
    provider: Provider


class RegexTolerance(_Part):
    """The value, or its part `target`, matches a regular expression."""

    type: Literal["regex"]
    pattern: Text
    target: Any = None


class JsonPathTolerance(_Part):
    """A JSONPath finds something, a `count` of things, or what is expected."""

    type: Literal["jsonpath"]
    path: Text
    target: Any = None
    count: Whole | None = None
    expect: Any = None


class RangeTolerance(_Part):
    """The value, or its part `target`, lies between two numbers, both included."""

    type: Literal["range"]
    range: Annotated[list[Seconds], Field(min_length=2, max_length=2)]
    target: Any = None


def _plain_tolerance(value: Any) -> Any:
    if not isinstance(value, bool | int | float | str | list):
        raise ValueError("must be a value, a list of values, or a mapping with a type")
    return value


def _tolerance_kind(value: Any) -> str:
    return "rule" if isinstance(value, dict) else "value"


ToleranceRule = Annotated[
    ProbeTolerance | RegexTolerance | JsonPathTolerance | RangeTolerance, Field(discriminator="type")
]
PlainTolerance = Annotated[
    Any,
    AfterValidator(_plain_tolerance),
    WithJsonSchema({"type": ["boolean", "number", "string", "array"], "description": "equal to it, or one of a list"}),
]
Tolerance = Annotated[
    Annotated[ToleranceRule, Tag("rule")] | Annotated[PlainTolerance, Tag("value")],
    Discriminator(_tolerance_kind),
]


class HypothesisProbe(Activity):
    """A probe of the hypothesis: it has a tolerance."""

    tolerance: Tolerance


AnyHypothesisProbe = Annotated[
    Annotated[ActivityReference, Tag("reference")] | Annotated[HypothesisProbe, Tag("activity")],
    Discriminator(_activity_kind),
]


class Hypothesis(_Part):
    """What holds while all is well; asked before the method and after it."""

    title: Words
    probes: list[AnyHypothesisProbe] = Field(default_factory=list)
    controls: list[AnyControl] = Field(default_factory=list)


class RollbackStrategy(_Part):
    """When rollbacks run."""

    strategy: Literal["default", "always", "never", "deviated"] | None = None


class HypothesisStrategy(_Part):
    """When the hypothesis is asked."""

    strategy: (
        Literal["default", "before-method-only", "after-method-only", "during-method-only", "continuously", "skip"]
        | None
    ) = None
    frequency: Seconds | None = None
    fail_fast: Flag | None = None


class Runtime(_Part):
    """How the experiment wants to be run."""

    rollbacks: RollbackStrategy | None = None
    hypothesis: HypothesisStrategy | None = None


class ForeignExtension(_Part):
    """Data of somebody else's, under their name."""

    name: Annotated[Text, Field(json_schema_extra={"not": {"const": "chaostoolkit-ext"}})]


def _extension_kind(value: Any) -> str:
    return "own" if isinstance(value, dict) and value.get("name") == "chaostoolkit-ext" else "foreign"


AnyExtension = Annotated[
    Annotated[Extension, Tag("own")] | Annotated[ForeignExtension, Tag("foreign")], Discriminator(_extension_kind)
]


class Experiment(_Part):
    """A Chaos Toolkit experiment."""

    version: Any = None
    id: Any = None
    title: Words
    description: Words
    tags: list[Text] | None = None
    contributions: dict[str, Any] | None = None
    configuration: dict[Any, Any] = Field(default_factory=dict)
    secrets: dict[Any, Any] = Field(default_factory=dict)
    controls: list[AnyControl] = Field(default_factory=list)
    hypothesis: Hypothesis = Field(  # not null: the host asks None for its probes
        default_factory=lambda: Hypothesis(title="none"), alias="steady-state-hypothesis"
    )
    method: list[AnyActivity]
    rollbacks: list[AnyActivity] = Field(default_factory=list)
    runtime: Runtime | None = None
    extensions: list[AnyExtension] | None = None
    dry: Any = None
